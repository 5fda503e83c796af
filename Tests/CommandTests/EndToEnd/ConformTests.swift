// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct ConformTests {
  private let kit = TemporaryFolder()

  init() { expectSuccess(nnq("conform", kit.path)) }

  @Test("the kit is the same twice, and passes its own check with every kernel of this machine")
  func kitIsRight() throws {
    let folder = TemporaryFolder()
    expectSuccess(nnq("conform", folder.path))
    #expect(folder.names == kit.names)
    for name in kit.names { #expect(folder.bytes(name) == kit.bytes(name), "\(name)") }
    let answer = nnq("conform", folder.path, "--check", "--json")
    expectSuccess(answer)
    #expect(try answer.json()["passed"] == .boolean(true))
    #expect(try answer.json()["checks"]?.elements.count == ConformanceKit.models().count + 1)
  }

  @Test("a file of the kit that is changed, longer or gone is named")
  func changedFiles() {
    let folder = TemporaryFolder()
    expectSuccess(nnq("conform", folder.path))
    let standing = folder.bytes("sums.bin") ?? []
    for (other, words) in [
      (standing.dropLast() + [standing[standing.count - 1] ^ 1], "sums.bin holds something else"),
      (standing + [0], "sums.bin holds something else"), ([], "sums.bin holds something else"),
    ] {
      folder.put(Array(other), in: "sums.bin")
      let answer = nnq("conform", folder.path, "--check")
      #expect(answer.code == 1)
      #expect(answer.output.contains("FAILED  folder"), "\(answer.output.prefix(200))")
      #expect(answer.output.contains(words))
    }
    unsafe unlink(folder("sums.bin"))
    unsafe mkfifo(folder("sums.bin"), 0o600)
    let pipe = nnq("conform", folder.path, "--check")
    #expect(pipe.output.contains("sums.bin: Operation not supported"))
    let empty = nnq("conform", TemporaryFolder().path, "--check")
    #expect(empty.code == 1)
    #expect(empty.output.contains("README.txt: No such file or directory"))
    expect(
      nnq("conform", "/proc/none"), .inputOutput,
      "/proc/none: cannot open: No such file or directory")
    expect(nnq("conform", folder.path, "--json"), .usage, "conform: --json needs --check")
  }

  @Test("a file that is not of an earlier kit is kept unless --force says otherwise")
  func foreignFiles() {
    for name in ["README.txt", "sums.bin", "kit.bin"] {
      let folder = TemporaryFolder()
      folder.put("mine", in: name)
      expect(
        nnq("conform", folder.path), .inputOutput,
        "\(folder(name)): exists and holds something else",
        hint: "choose another folder, or replace it with --force")
      #expect(folder.names == [name])
      #expect(folder.text(name) == "mine")
      expectSuccess(nnq("conform", folder.path, "--force"))
      #expect(folder.names == kit.names)
      #expect(folder.bytes(name) == kit.bytes(name))
    }
    // A model of that name is no kit, and a folder may hold anything beside it.
    let model = TemporaryFolder()
    model.put(kit.bytes("sums.bin") ?? [], in: "kit.bin")
    #expect(nnq("conform", model.path).code == ExitCode.inputOutput.rawValue)
    let other = TemporaryFolder()
    other.put("mine", in: "notes.txt")
    expectSuccess(nnq("conform", other.path))
    #expect(other.text("notes.txt") == "mine")
  }

  @Test("an earlier kit is replaced, and one that was cut short is made whole")
  func earlierKit() {
    let folder = TemporaryFolder()
    expectSuccess(nnq("conform", folder.path))
    folder.put("what another version wrote", in: "sums.tsv")
    folder.put((kit.bytes("kit.bin") ?? []).dropLast(100) + [1], in: "kit.bin")
    expectSuccess(nnq("conform", folder.path))
    for name in kit.names { #expect(folder.bytes(name) == kit.bytes(name), "\(name)") }

    let cut = TemporaryFolder()
    for name in ["README.txt", "sums.bin"] { cut.put(kit.bytes(name) ?? [], in: name) }
    expectSuccess(nnq("conform", cut.path))
    #expect(cut.names == kit.names)
  }

  @Test("the kit meets every operation, width and table, each shift and both ends of multipliers")
  func coverage() throws {
    var combinations: Set<String> = []
    var shifts: Set<Int> = []
    var multipliers: Set<Int32> = []
    for model in ConformanceKit.models() {
      #expect(try model.image.serialized().count <= 16_384, "\(model.name): what conform.c takes")
      for (index, layer) in model.image.layers.enumerated() {
        var factors: [FixedPointMultiplier]
        var kind = layer.operation.kind.name
        switch layer.operation {
        case .dense(let dense):
          factors = dense.factors
          kind += "\(dense.weightWidth.rawValue)"
        case .layerNorm(let norm): factors = norm.factors
        case .add(let add):
          factors = [add.factor]
          kind += "\(model.image.width(ofTensor: add.source).rawValue)"
        case .gate(let gate): factors = [gate.factor]
        }
        shifts.formUnion(factors.map(\.shift))
        multipliers.formUnion(factors.map(\.multiplier))
        combinations.insert(
          "\(kind) \(model.image.inputWidth(ofLayer: index).rawValue) \(layer.outputWidth.rawValue)"
        )
        if let table = layer.table { combinations.insert("\(kind) table \(table.width.rawValue)") }
      }
    }
    #expect(shifts == Set(FixedPointMultiplier.shifts))
    #expect(multipliers.isSuperset(of: [1 << 30, Int32.max]))
    for kind in ["dense8", "dense4", "layer-norm", "add8", "add16", "gate"] {
      for widths in ["8 8", "8 16", "16 8", "16 16"] {
        #expect(combinations.contains("\(kind) \(widths)"), "\(kind) \(widths)")
      }
      for table in [8, 16] {
        #expect(combinations.contains("\(kind) table \(table)"), "\(kind) table \(table)")
      }
    }
  }

  @Test("the layers of the kit hand on codes that move with the input")
  func liveliness() {
    // Of these codes the largest epsilon leaves nothing.
    for model in ConformanceKit.models() where model.name != "layer-norm-i8-most" {
      let expected = ExpectedLayers(model.image)
      for (index, layer) in model.image.layers.enumerated() where layer.lowest < layer.highest {
        let answers = Set(expected.codes.map { $0[index] })
        #expect(answers.count >= 3, "\(model.name), \(expected.name(ofLayer: index))")
      }
    }
  }

  // MARK: - Devices

  /// Compiles the driver with a copy of the runtime; what it prints for the kit.
  private func portLog(changing file: String? = nil, _ old: String = "", to new: String = "")
    -> String?
  {
    let program = CProgram()
    guard program.copyRuntime() else { return nil }
    if let file {
      guard let source = text(of: program(file)) else { return nil }
      guard let at = source.firstRange(of: old) else { return nil }
      program.put(
        String(source[..<at.lowerBound]) + new + String(source[at.upperBound...]), in: file)
    }
    guard program.compileCopy("conform/conform.c", "targets/host.c") else { return nil }
    return program.output(fedWith: kit("kit.bin"))
  }

  @Test(
    "the driver's log of a right port passes, whatever stands around its lines",
    .enabled(if: CProgram.hasCompiler, "no gcc"))
  func rightPort() throws {
    let log = try #require(portLog())
    let folder = TemporaryFolder()
    folder.put(log, in: "log")
    expectSuccess(nnq("conform", kit.path, "--device", folder("log")))
    let lines = log.split(separator: "\n")
    let noisy = lines.map { "[ 12.5] <dbg> \($0)\r\nboot ok \u{1B}[0m\n" }.joined()
    folder.put("nnq-layer 1 2\n" + noisy + noisy, in: "noisy")
    expectSuccess(nnq("conform", kit.path, "--device", folder("noisy")))

    let cut = lines.filter { $0.hasPrefix("nnq-layer") }.dropLast()
    folder.put(cut.joined(separator: "\n"), in: "short")
    let short = nnq("conform", kit.path, "--device", folder("short"))
    #expect(short.code == 1)
    #expect(short.output.contains("device, mixed-7"))
    #expect(short.output.contains("vector 9: not in the log"), "\(short.output.suffix(300))")
    folder.put("nothing here\n", in: "none")
    expect(
      nnq("conform", kit.path, "--device", folder("none")), .badInput,
      "\(folder("none")): no line of a device with digests",
      hint: "firmware-runtime/conform/conform.c prints them")
  }

  /// A wrong constant in a kernel, a model that must show it, and the layer that must be named.
  static let wrongKernels:
    [(file: String, old: String, new: String, model: String, layer: String)] =
      [
        (
          "src/requantize.h", "(2 * (zero_point - low) + 1)", "2 * (zero_point - low)",
          "shifts-o16", "dense0"
        ),
        (
          "src/dense_scalar.c", "nnq_code(x, bits, i);", "(nnq_code(x, bits, i) | 1);",
          "dense-w4-i16-long", "dense1"
        ),
        (
          "src/dense_scalar.c", "weights[i] * x[i];", "weights[i] * (x[i] - (i > 255));",
          "dense-w8-i8-long", "dense0"
        ),
        (
          "src/dense_scalar.c", "(int32_t)weights[i] * x[i]", "(int32_t)weights[i] * (x[i] & ~1)",
          "sums", "dense0"
        ),
        (
          "src/finish.h", "(place & 127) + 64) >> 7", "(place & 127) + 63) >> 7",
          "dense-tables-i16", "dense1"
        ),
        ("src/finish.h", "(code + 128) >> 8", "(code + 127) >> 8", "add-8-16", "add13"),
        (
          "src/finish.h", "nnq_at_most((code + 128) >> 8, INT8_MAX)", "(int8_t)((code + 128) >> 8)",
          "dense-tables-i8", "dense2"
        ),
        ("src/add.c", "nnq_i16(data + 14)", "nnq_i16(data + 12)", "add-8-8", "add1"),
        ("src/gate.c", "nnq_i16(data + 10)", "nnq_i16(data + 8)", "gate-i8", "gate1"),
        ("src/gate.c", "outputs + o", "outputs + o - 1", "gate-i16", "gate1"),
        ("src/layer_norm.c", "<< 15;", "<< 14;", "layer-norm-i8-some", "layer-norm0"),
        (
          "src/layer_norm.c", "(all->root >> 1)", "(all->root >> 2)", "layer-norm-i16-least",
          "layer-norm"
        ),
      ]

  @Test(
    "a kernel with one wrong constant is caught, and the layer is named",
    .enabled(if: CProgram.hasCompiler, "no gcc"), arguments: wrongKernels.indices)
  func wrongPort(index: Int) throws {
    let wrong = Self.wrongKernels[index]
    let log = try #require(portLog(changing: wrong.file, wrong.old, to: wrong.new))
    let folder = TemporaryFolder()
    folder.put(log, in: "log")
    let answer = nnq("conform", kit.path, "--device", folder("log"))
    #expect(answer.code == 1)
    let line = answer.output.split(separator: "\n").first {
      $0.hasPrefix("FAILED  device, \(wrong.model) ")
    }
    #expect(
      line?.contains("  \(wrong.layer)") ?? false,
      "\(answer.output.split(separator: "\n").filter { $0.hasPrefix("FAILED") })")
    #expect(line?.contains("where the reference gives") ?? false)
  }

  @Test(
    "verify names the first layer that a device computes otherwise, whichever layout ran",
    .enabled(if: CProgram.hasCompiler, "no gcc"))
  func verifyDevice() throws {
    let files = TrainedModel.of(.multiclass).files()
    let program = CProgram()
    try #require(program.copyRuntime())
    try #require(program.compileCopy("conform/conform.c", "targets/host.c"))
    let printed = program.output(fedWith: files.image)
    let log = try #require(printed)
    let right = files.folder.put(log, in: "right.log")
    for model in [files.int8, files.image] {
      expectSuccess(nnq("verify", model, "--device", right))
    }

    // What a Cortex-M4 prints of its own form differs in the image's checksum alone.
    let arranged = files.folder("m4.image")
    expectSuccess(
      nnq("export", files.int8, "--to", "image", "--layout", "cortex-m4", "-o", arranged))
    let own = hexadecimal(Envelope.word(fileBytes(files.image) ?? [], at: 12))
    let other = hexadecimal(Envelope.word(fileBytes(arranged) ?? [], at: 12))
    let renamed = log.split(separator: own, omittingEmptySubsequences: false).joined(
      separator: other)
    expectSuccess(nnq("verify", files.int8, "--device", files.folder.put(renamed, in: "m4.log")))

    // The digest of layer 1 of vector 2, and that of layer 0 of a later one: the first layer counts.
    var lines = log.split(separator: "\n").map(String.init)
    for (place, layer) in [("00000002 00000001", "dense1"), ("00000003 00000000", "dense0")] {
      let at = try #require(lines.firstIndex { $0.hasPrefix("nnq-layer \(own) \(place)") })
      lines[at] = lines[at].dropLast(8) + "01234567"
      let path = files.folder.put(lines.joined(separator: "\n"), in: "wrong.log")
      let answer = nnq("verify", files.int8, "--device", path)
      #expect(answer.code == 1)
      #expect(
        answer.output.contains(
          "\(layer), vector \(place.prefix(8).last.map(String.init) ?? ""): digest 01234567"),
        "\(answer.output)")
    }
    let refused = files.folder.put("nnq-load \(own) 00000039\n", in: "refused.log")
    let answer = nnq("verify", files.int8, "--device", refused)
    #expect(answer.code == 1)
    #expect(answer.output.contains("the device refuses the image with status 57"))
    expect(
      nnq("verify", files.float, "--device", right), .usage,
      "verify: --device needs an int8 model", hint: "quantize it first")
  }

  @Test("any bytes are a log, of which nothing but whole lines counts")
  func totality() {
    var random = TestRandom(seed: 71)
    let line = Array("nnq-layer 00000001 00000002 00000003 0000000f\n".utf8)
    for _ in 0..<3000 {
      var bytes = line + line
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: .min ... .max, using: &random)
      }
      _ = DeviceLog(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
    }
    for cut in line.indices.dropLast() {
      #expect(DeviceLog(Array(line[..<cut])).isEmpty == (cut < line.count - 1))
    }
    for text in ["nnq-layer +0000001 00000002 00000003 0000000f", "nnq-load 00000001", "nnq-load"] {
      #expect(DeviceLog(Array(text.utf8)).isEmpty, "\(text)")
    }
  }
}
