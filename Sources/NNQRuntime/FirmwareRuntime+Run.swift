// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime

extension FirmwareRuntime {
  /// Computes the output codes of one or more rows of input codes.
  ///
  /// - Shape: `input` is `[rows][inputs]`, row by row; returns `[rows][outputs]`.
  public mutating func run(_ input: [Int16]) -> [Int16] {
    let rows = input.count / inputs
    precondition(input.count == rows * inputs, "not a whole number of rows")
    return switch (inputBits, outputBits) {
    case (8, 8):
      run(input.map { Int8($0) }, rows, as: Int8.self).map { Int16($0) }
    case (8, _):
      run(input.map { Int8($0) }, rows, as: Int16.self)
    case (_, 8):
      run(input, rows, as: Int8.self).map { Int16($0) }
    default:
      run(input, rows, as: Int16.self)
    }
  }

  /// Computes rows in place, with no allocation.
  ///
  /// - Shape: `input` is `[rows][inputs]` and `output` `[rows][outputs]`, row by row.
  /// - Range: `Input` and `Output` are `Int8` or `Int16`, as ``inputBits`` and ``outputBits`` say.
  public mutating func run<Input, Output>(
    rows: Int, input: Span<Input>, output: inout MutableSpan<Output>
  )
  where
    Input: FixedWidthInteger & SignedInteger & BitwiseCopyable,
    Output: FixedWidthInteger & SignedInteger & BitwiseCopyable
  {
    precondition(Input.bitWidth == inputBits, "input codes of another width")
    precondition(Output.bitWidth == outputBits, "output codes of another width")
    precondition(rows >= 0 && input.count == rows * inputs, "not this number of input rows")
    precondition(output.count == rows * outputs, "not this number of output rows")
    guard rows > 0 else { return }
    precondition(rows <= UInt32.max, "more rows than a call takes")
    unsafe withUnsafePointer(to: model) { model in
      unsafe input.withUnsafeBufferPointer { x in
        unsafe output.withUnsafeMutableBufferPointer { y in
          let status = unsafe nnq_run_batch(
            model, packed.isEmpty ? nil : packed.baseAddress, UInt32(rows), x.baseAddress,
            y.baseAddress, arena.baseAddress, arena.count)
          precondition(status == NNQ_OK, "the buffers were checked above")
        }
      }
    }
  }

  /// The codes that each layer hands on for one row; the last are the output codes. The scalar
  /// kernel computes them.
  ///
  /// - Shape: `input` is `[inputs]`; returns `[layers][outputs of the layer]`.
  public mutating func layerOutputs(_ input: [Int16]) -> [[Int16]] {
    precondition(input.count == inputs, "not one row")
    var codes: [[Int16]] = []
    let layerCount = layers.count
    codes.reserveCapacity(layerCount)
    unsafe withCodes(input, bits: inputBits) { x in
      unsafe withScratch(codes: outputs, bits: outputBits) { y in
        unsafe withUnsafeMutablePointer(to: &codes) { codes in
          let status = unsafe withUnsafePointer(to: model) { model in
            unsafe nnq_run_layers(
              model, x, y, arena.baseAddress, arena.count,
              { context, _, layer, count, bits in
                guard let context = unsafe context, let layer = unsafe layer else { return }
                let codes = unsafe context.assumingMemoryBound(to: [[Int16]].self)
                unsafe codes.pointee.append(array(layer, count: Int(count), bits: Int(bits)))
              }, codes)
          }
          precondition(status == NNQ_OK, "the buffers have the sizes that the model states")
        }
      }
    }
    return codes
  }

  /// Runs the self-test vectors of the image with the scalar kernel: true when all codes agree, nil
  /// when there are none.
  public mutating func selfTest() -> Bool? {
    let status = unsafe withScratch(codes: inputs, bits: inputBits) { x in
      unsafe withScratch(codes: outputs, bits: outputBits) { y in
        unsafe withUnsafePointer(to: model) { model in
          unsafe nnq_selftest(model, x, y, arena.baseAddress, arena.count)
        }
      }
    }
    return status == NNQ_ERROR_UNDEFINED ? nil : status == NNQ_OK
  }

  private mutating func run<Input, Output>(
    _ input: [Input], _ rows: Int, as _: Output.Type
  ) -> [Output]
  where
    Input: FixedWidthInteger & SignedInteger & BitwiseCopyable,
    Output: FixedWidthInteger & SignedInteger & BitwiseCopyable
  {
    var output = [Output](repeating: 0, count: rows * outputs)
    var span = output.mutableSpan
    run(rows: rows, input: input.span, output: &span)
    return output
  }
}
