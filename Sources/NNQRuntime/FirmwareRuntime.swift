// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime
public import NNQFormat

/// Runs a flat image through the same C code that a device runs.
///
/// It owns a copy of the image, packed weights where the kernel wants them, and the buffers of a batch.
/// A value may move to another thread, where it runs alone; threads that run at the same time load the
/// image once each.
///
/// Codes are handed as `Int16` whatever their bits, or in place as `Int8` and `Int16` in
/// ``run(rows:input:output:)``. A code that does not fit the model's bits, or a wrong number of
/// codes, is a bug of the caller.
@safe
public struct FirmwareRuntime: ~Copyable {
  /// The number of input codes of a row.
  public let inputs: Int
  /// The number of output codes of a row.
  public let outputs: Int
  /// The bits of an input code: 8 or 16.
  public let inputBits: Int
  /// The bits of an output code: 8 or 16.
  public let outputBits: Int
  /// What the output codes decide.
  public let task: ModelTask.Kind
  /// The layers, from input to output.
  public let layers: [RuntimeLayer]
  /// The bytes that hidden layers need in RAM.
  public let arenaBytes: Int
  /// The bytes of RAM of one inference on a device: input, output and what hidden layers need, which
  /// may share them.
  public var ramBytes: Int { MemoryPlan(self).bytes }
  /// Anomaly: a score above it is an anomaly; else 0.
  public let scoreThreshold: Int64
  /// True when ``probabilities(of:)`` is defined.
  public let hasProbabilities: Bool
  /// True when ``codes(ofCounts:)`` is defined.
  public let hasCounts: Bool
  /// True when the image holds self-test vectors.
  public let hasSelfTest: Bool
  /// The name of the code that computes rows, one of ``availableKernels``.
  public let kernel: String

  /// A view of `image`.
  let model: nnq_model
  private let image: UnsafeMutableRawBufferPointer
  /// The weights for `kernel`; empty for scalar.
  let packed: UnsafeMutableRawBufferPointer
  let arena: UnsafeMutableRawBufferPointer

  /// Wide enough for every kernel; the C interface itself asks for 4, and 64 where it packs.
  static let alignment = Int(NNQ_PACK_ALIGNMENT)

  /// The names of the kernels that this CPU can run, from slowest to fastest; `scalar` is the first.
  public static var availableKernels: [String] {
    (0..<nnq_kernels()).filter { nnq_kernel_is_available($0) != 0 }.map { name(of: $0) }
  }

  /// Validates a flat image, keeps a copy of it and packs it for a kernel.
  ///
  /// - Throws: ``RuntimeFault`` with the first fault, any bytes may be given; its name is `kernel`
  ///   where this CPU cannot run the kernel.
  public init(image bytes: [UInt8], kernel choice: KernelChoice = .best) throws(RuntimeFault) {
    let kernel = try Self.index(of: choice)
    let image = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(bytes.count, Self.alignment), alignment: Self.alignment)
    unsafe image.copyBytes(from: bytes)
    var model = unsafe nnq_model()
    let facts: (task: ModelTask.Kind, layers: [RuntimeLayer])
    do throws(RuntimeFault) {
      let status = unsafe nnq_load(&model, image.baseAddress, bytes.count)
      guard status == NNQ_OK else { throw RuntimeFault(status) }
      facts = (
        try unsafe Self.task(of: &model),
        try unsafe Self.layers(of: &model)
      )
    } catch {
      unsafe image.deallocate()
      throw error
    }

    task = facts.task
    layers = facts.layers
    inputs = unsafe Int(nnq_inputs(&model))
    outputs = unsafe Int(nnq_outputs(&model))
    inputBits = unsafe Int(nnq_input_bits(&model))
    outputBits = unsafe Int(nnq_output_bits(&model))
    arenaBytes = unsafe nnq_arena_bytes(&model)
    scoreThreshold = unsafe nnq_score_threshold(&model)
    hasProbabilities = unsafe nnq_has_probabilities(&model) != 0
    hasCounts = unsafe nnq_has_counts(&model) != 0
    hasSelfTest = unsafe nnq_has_selftest(&model) != 0
    self.kernel = Self.name(of: kernel)
    let packedBytes = unsafe nnq_pack_bytes(&model, kernel)
    let batchBytes = unsafe nnq_batch_arena_bytes(&model, kernel, .max)
    unsafe packed = UnsafeMutableRawBufferPointer.allocate(
      byteCount: packedBytes, alignment: Self.alignment)
    let status = unsafe nnq_pack(&model, kernel, packed.baseAddress, packedBytes)
    precondition(status == NNQ_OK, "the kernel was asked for and the memory has its size")
    unsafe self.model = model
    unsafe self.image = image
    unsafe arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(arenaBytes, batchBytes, Self.alignment), alignment: Self.alignment)
  }

  deinit {
    unsafe image.deallocate()
    unsafe packed.deallocate()
    unsafe arena.deallocate()
  }

  // MARK: -

  private static func name(of kernel: UInt32) -> String {
    unsafe String(cString: nnq_kernel_name(kernel))
  }

  private static func index(of choice: KernelChoice) throws(RuntimeFault) -> UInt32 {
    guard case .named(let wanted) = choice else { return nnq_best_kernel() }
    guard
      let kernel = (0..<nnq_kernels()).first(where: { name(of: $0) == wanted }),
      nnq_kernel_is_available(kernel) != 0
    else { throw RuntimeFault(NNQ_ERROR_KERNEL) }
    return kernel
  }

  private static func task(of model: UnsafePointer<nnq_model>) throws(RuntimeFault)
    -> ModelTask.Kind
  {
    let number = unsafe UInt8(truncatingIfNeeded: nnq_model_task(model).rawValue)
    guard let task = ModelTask.Kind(rawValue: number) else { throw RuntimeFault(NNQ_ERROR_TASK) }
    return task
  }

  private static func layers(of model: UnsafePointer<nnq_model>) throws(RuntimeFault)
    -> [RuntimeLayer]
  {
    var layers: [RuntimeLayer] = []
    for index in unsafe 0..<nnq_layers(model) {
      var layer = nnq_layer()
      unsafe nnq_describe_layer(model, index, &layer)
      guard let activation = Activation.Kind(rawValue: layer.activation) else {
        throw RuntimeFault(NNQ_ERROR_ACTIVATION)
      }
      guard let operation = OperationKind(rawValue: layer.operation) else {
        throw RuntimeFault(NNQ_ERROR_OPERATION)
      }
      layers.append(
        RuntimeLayer(
          operation: operation, inputs: Int(layer.inputs), outputs: Int(layer.outputs),
          inputBits: Int(layer.input_bits), outputBits: Int(layer.output_bits),
          weightBits: Int(layer.weight_bits), activation: activation,
          tableBits: layer.table == 0 ? nil : 8 * Int(layer.table), macs: Int(layer.macs),
          weightBytes: Int(layer.weight_bytes), dataBytes: Int(layer.data_bytes)))
    }
    return layers
  }
}

/// The memory behind the pointers belongs to the value alone, and only `mutating` calls write to it.
extension FirmwareRuntime: @unchecked Sendable {}
