// SPDX-License-Identifier: Apache-2.0
import NNQCertify
import NNQData
import NNQFormat
import NNQReference
import NNQRuntime
import NNQSigning
import NNQWords

/// The checks that `nnq verify` makes of a model file that could be read.
struct Verification {
  let path: String
  let identity: String
  private var checks = Checks()

  var hasPassed: Bool { checks.hasPassed }

  init(_ input: ModelInput) throws(Failure) {
    path = input.path
    identity = try input.identity()
    checks.append(
      Check(
        name: "integrity", fault: nil, detail: "\(input.fileBytes) bytes, checksum, every field"))
    let isCanonical = try naming(path) { try input.model.isCanonical(input.bytes) }
    checks.append(
      Check(
        name: "canonical form", fault: isCanonical ? nil : "writing the model gives other bytes",
        detail: "writing the model again gives the same bytes"))
    switch input.model {
    case .float(let model): checkFloat(model)
    case .int8(let model):
      checkImage(model.image)
      checkCertificate(model)
    case .image(let image): checkImage(image)
    }
  }

  mutating func add(_ check: Check) { checks.append(check) }

  /// Adds the check of the model's signature.
  ///
  /// - Parameter signature: the bytes of its file; nil when there is none.
  mutating func check(_ input: ModelInput, signature: [UInt8]?, _ check: SignatureCheck) {
    do throws(SignatureRefusal) {
      let accepted = try check.verify(model: input.bytes, signature: signature)
      let stated = accepted.signature
      let deviceClass = stated.deviceClass.isEmpty ? "any class" : "class \(stated.deviceClass)"
      checks.append(
        Check(
          name: "signature", fault: nil,
          detail: "key \(accepted.keyName), \(deviceClass), model version \(stated.modelVersion)"))
    } catch {
      checks.append(Check(name: "signature", fault: error.words, detail: ""))
    }
  }

  /// Adds the check of what a device printed about the model, whichever layout ran there.
  mutating func check(_ input: ModelInput, device log: DeviceLog) throws(Failure) {
    if case .float = input.model {
      throw Failure(.usage, "verify: --device needs an int8 model", hint: "quantize it first")
    }
    let expected = ExpectedLayers(try input.image())
    guard !expected.codes.isEmpty else {
      throw Failure(
        .badInput, "\(named(path)): has no self-test vectors that a device could run",
        hint: "quantize writes them")
    }
    let checksums = try naming(path) {
      try DeviceLayout.allCases.map {
        Envelope.word(try input.arranged(for: $0).bytes, at: 12)
      }
    }
    let ran = checksums.first { log.names($0) } ?? checksums[0]
    checks.append(
      Check(
        name: "device", fault: log.fault(in: expected, checksum: ran),
        detail: "\(expected.codes.count) vectors, every layer equal to the reference"))
  }

  private mutating func checkFloat(_ model: FloatModel) {
    guard let calibration = model.calibration else { return }
    let inference = FloatInference(model)
    let width = model.inputs
    let wrong = (0..<calibration.rows).first { row in
      let readings = calibration.readings[row * width..<(row + 1) * width]
      return !inference.run(inference.standardized(readings)).allSatisfy(\.isFinite)
    }
    checks.append(
      Check(
        name: "calibration rows",
        fault: wrong.map { "row \($0 + 1) gives no finite output" },
        detail: "\(calibration.rows) rows give finite outputs"))
  }

  /// Proves what a certificate claims of codes again; its bounds on errors take the float model.
  private mutating func checkCertificate(_ model: Int8Model) {
    guard let certificate = model.certificate else { return }
    checks.append(
      Check(
        name: "certificate",
        fault: model.certificateFault?.words(
          layer: { "\(model.image.layers[$0].operation.kind.name)\($0)" }, output: { "\($0)" }),
        detail:
          "accumulators and codes of \(certificate.layers.count) layers; errors: certify --check"
      ))
  }

  private mutating func checkImage(_ image: FlatImage) {
    let reference = Int8Inference(image)
    let bytes: [UInt8]
    var runtime: FirmwareRuntime
    do {
      bytes = try image.serialized()
      runtime = try FirmwareRuntime(image: bytes, kernel: .scalar)
    } catch {
      checks.append(Check(name: "C loader", fault: "refuses the image: \(error)", detail: ""))
      return
    }
    checks.append(Check(name: "C loader", fault: nil, detail: "accepts the flat image"))

    let wrong = image.selfTests.firstIndex { vector in
      let layers = reference.layerOutputs(vector.input)
      let digests = zip(image.layers, layers).map { crc32c($0.outputWidth.bytes(of: $1)) }
      return layers.last != vector.output || digests != vector.digests
    }
    checks.append(
      Check(
        name: "self-test, reference", fault: wrong.map { "vector \($0) gives other codes" },
        detail: "\(image.selfTests.count) vectors, every layer"))
    checks.append(
      Check(
        name: "self-test, \(runtime.kernel)",
        fault: runtime.selfTest() == false ? "a vector gives other codes" : nil,
        detail: "\(image.selfTests.count) vectors, every layer"))

    var random = RandomSource(seed: 1)
    let rows = (0..<Self.randomRows).map { row in
      (0..<image.inputs).map { _ in image.inputWidth.randomCode(row, &random) }
    }
    let expected = rows.map { reference.layerOutputs($0) }
    let fault = checkLayers(&runtime, rows, expected)
    checks.append(
      Check(
        name: "kernel \(runtime.kernel)", fault: fault,
        detail: "\(rows.count) random and extreme rows, every layer equal to the reference"))
    for kernel in FirmwareRuntime.availableKernels where kernel != runtime.kernel {
      checks.append(
        Check(
          name: "kernel \(kernel)",
          fault: checkKernel(kernel, bytes, rows, expected.map { $0.last ?? [] }),
          detail: "\(rows.count) random and extreme rows, alone and in a batch"))
    }
  }

  private func checkLayers(
    _ runtime: inout FirmwareRuntime, _ rows: [[Int16]], _ expected: [[[Int16]]]
  ) -> String? {
    for (row, codes) in rows.enumerated() {
      for (layer, pair) in zip(runtime.layerOutputs(codes), expected[row]).enumerated() {
        if let fault = difference(pair.0, pair.1) { return "row \(row), layer \(layer), \(fault)" }
      }
    }
    return nil
  }

  private func checkKernel(
    _ kernel: String, _ image: [UInt8], _ rows: [[Int16]], _ expected: [[Int16]]
  ) -> String? {
    var runtime: FirmwareRuntime
    do {
      runtime = try FirmwareRuntime(image: image, kernel: .named(kernel))
    } catch {
      return "refuses the image: \(error)"
    }
    for (row, codes) in rows.enumerated() {
      if let fault = difference(runtime.run(codes), expected[row]) { return "row \(row), \(fault)" }
    }
    let together = runtime.run(rows.flatMap { $0 })
    return difference(together, expected.flatMap { $0 }).map { "a batch, \($0)" }
  }

  /// Where two lists of codes first differ.
  private func difference(_ found: [Int16], _ expected: [Int16]) -> String? {
    zip(found, expected).enumerated().first { $1.0 != $1.1 }.map { index, pair in
      "output \(index): \(pair.0) where the reference gives \(pair.1)"
    }
  }

  private static let randomRows = 64

  var json: JSON {
    .answer([
      "model": .string(path), "sha256": .string(identity), "passed": .boolean(hasPassed),
      "checks": checks.list,
    ])
  }

  func text(style: Style) -> String {
    checks.text(style: style) + "\(printable(path)): sha256 \(identity)\n"
  }
}

extension CodeWidth {
  /// A code: the first rows are all lowest, all highest and all zero, the others random.
  fileprivate func randomCode(_ row: Int, _ random: inout RandomSource) -> Int16 {
    switch row {
    case 0: Int16(range.lowerBound)
    case 1: Int16(range.upperBound)
    case 2: 0
    default: Int16(range.lowerBound + random.below(range.count))
    }
  }
}
