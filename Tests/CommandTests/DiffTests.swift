// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQInterop
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct DiffTests {
  private let folder = TemporaryFolder()

  private func json(_ words: String..., code: Int32 = 0) throws -> JSONValue {
    let answer = nnq(["diff"] + words + ["--json"])
    #expect(answer.code == code, "\(answer.errors)")
    return try answer.json()
  }

  @Test(
    "a model and its export to another format give the same decisions, in either order",
    arguments: ModelTask.Kind.allCases)
  func formats(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    for format in ["onnx", "tflite"] {
      let net = folder("net.\(format)")
      expectSuccess(nnq("export", files.float, "--to", format, "-o", net))
      for words in [[files.float, net], [net, files.float]] {
        let json = try json(words[0], words[1], files.test)
        #expect(json["flipped"]?.double == 0)
        // ONNX keeps every bit, TFLite scales in binary32: 2^-24 relative a step.
        #expect(json["sqnr_db"] == .null || json["sqnr_db"]?.double ?? 0 > 100)
        if format == "onnx" {
          #expect(json["bit_exact"] == .boolean(true))
          #expect(json["first_difference"] == .null)
        }
      }
    }
    // Without names on either side the columns are taken in their order.
    if kind == .regression {
      let same = try json(folder("net.onnx"), folder("net.tflite"), files.test)
      #expect(same["sqnr_db"]?.double ?? 200 > 100)
    }
  }

  @Test("an int8 network of another format is run on codes and on readings")
  func int8Network() throws {
    let float = sampleFloatModel(.multiclass, widths: [4, 6, 3], seed: 3)
    folder.put(try Model.float(float).serialized(), in: "m.bin")
    var random = TestRandom(seed: 4)
    let rows = (0..<200).map { _ in Float.random(in: -2...2, using: &random) }
    folder.put(NumPyWriter.bytes(rows, columns: 4), in: "rows.npy")
    expectSuccess(
      nnq(
        "quantize", folder("m.bin"), "-o", folder("m.int8.bin"), "--calibrate", folder("rows.npy"),
        "--input", "8", "--activations", "8", "--output", "8"))
    expectSuccess(nnq("export", folder("m.int8.bin"), "--to", "tflite", "-o", folder("m.tflite")))
    let codes = (0..<400).map { _ in Int8.random(in: -128...127, using: &random) }
    folder.put(NumPyWriter.bytes(codes, columns: 4), in: "codes.npy")
    let json = try json(folder("m.int8.bin"), folder("m.tflite"), folder("codes.npy"))
    #expect(json["rows"]?.double == 100)
    // The exporter's scales have 24 bits: a code may be off by 1 next to a rounding boundary.
    #expect(json["sqnr_db"] == .null || json["sqnr_db"]?.double ?? 0 > 40)
    let mixed = try self.json(folder("m.bin"), folder("m.int8.bin"), folder("codes.npy"))
    #expect(mixed["sqnr_db"]?.double ?? 0 > 15)
  }

  @Test("the first difference names layer, output and row")
  func firstDifference() throws {
    var random = TestRandom(seed: 8)
    var base = sampleImage(widths: [5, 4, 3], input: .eight, output: .eight, random: &random)
    // The second layer answers its bias times 2^-16.
    let factor = try #require(FixedPointMultiplier(multiplier: 1 << 30, shift: 46))
    base.layers[1] = FlatImage.Layer(
      inputs: 4, outputs: 3, activation: .identity, outputWidth: .eight, zeroPoint: 0, lowest: -128,
      highest: 127, bias: [1 << 20, 1 << 20, -(1 << 20)],
      factors: Array(repeating: factor, count: 3), weights: Array(repeating: 0, count: 12))
    var other = base
    other.layers[1].dense?.bias[2] = 1 << 20
    folder.put(try base.serialized(), in: "a.image")
    folder.put(try other.serialized(), in: "b.image")
    let codes = (0..<20).map { _ in Int8.random(in: -128...127, using: &random) }
    folder.put(NumPyWriter.bytes(codes, columns: 5), in: "codes.npy")
    let json = try json(folder("a.image"), folder("b.image"), folder("codes.npy"))
    let first = try #require(json["first_difference"])
    #expect(first.keys == ["layer", "name", "output", "row", "a", "b"])
    #expect(first["layer"]?.double == 1)
    #expect(first["name"]?.string == "dense1")
    #expect(first["output"]?.double == 2)
    #expect(first["row"]?.double == 1)
    #expect(first["a"]?.double == -16)
    #expect(first["b"]?.double == 16)
    let text = nnq("diff", folder("a.image"), folder("b.image"), folder("codes.npy")).output
    #expect(text.contains("first difference  dense1, output 2, row 1: -16 and 16"))
  }

  @Test(
    "outputs of another runtime are told apart by the rule that gives them",
    arguments: RoundingRule.allCases)
  func rules(rule: RoundingRule) throws {
    // Every second sum is a tie of its quarter, so that the rules part at once.
    let quarter = try #require(FixedPointMultiplier(multiplier: 1 << 30, shift: 32))
    let layer = FlatImage.Layer(
      inputs: 1, outputs: 1, activation: .identity, outputWidth: .eight, zeroPoint: 0, lowest: -128,
      highest: 127, bias: [0], factors: [quarter], weights: [1])
    let image = FlatImage(
      inputs: 1, inputWidth: .eight, layers: [layer], task: .regression, probability: nil,
      outputs: [FlatImage.Output(origin: 0, multiplier: 1 << 30, exponent: -30)])
    folder.put(try image.serialized(), in: "m.image")
    let codes = Array(Int8.min...Int8.max)
    folder.put(NumPyWriter.bytes(codes, columns: 1), in: "codes.npy")
    let outputs = codes.map { code in
      Int8(RuleInference(image, rule).layerOutputs([Int16(code)])[0][0])
    }
    folder.put(NumPyWriter.bytes(outputs, columns: 1), in: "other.npy")
    let words = [folder("m.image"), folder("codes.npy"), "--outputs", folder("other.npy")]
    let json = try json(words[0], words[1], words[2], words[3])
    #expect(json["matches"]?.elements.map(\.string) == [rule.rawValue])
    #expect(
      json["semantics"]?.elements.map { $0["name"]?.string }
        == RoundingRule.allCases.map(\.rawValue))
    #expect(json["semantics"]?.elements.allSatisfy { $0["codes"]?.double == 256 } == true)
    #expect(json["bit_exact"] == .boolean(rule == .nnq))
    #expect((json["first_difference"] == .null) == (rule == .nnq))
    #expect(nnq(["diff"] + words).output.contains("the outputs match \(rule.rawValue)\n"))
    let under = try self.json(
      words[0], words[1], words[2], words[3], "--semantics", rule.rawValue)
    #expect(under["bit_exact"] == .boolean(true))
    let sides = try self.json(
      words[0], words[0], words[1], "--semantics", rule.rawValue)
    #expect(sides["bit_exact"] == .boolean(rule == .nnq))
  }

  @Test("real outputs of another runtime are compared as logits, probabilities or values")
  func realOutputs() throws {
    for kind in [ModelTask.Kind.multiclass, .binary, .multilabel, .regression] {
      let float = sampleFloatModel(kind, widths: [4, 6, kind == .binary ? 1 : 3], seed: 3)
      folder.put(try Model.float(float).serialized(), in: "m.bin")
      var random = TestRandom(seed: 4)
      let rows = (0..<200).map { _ in Float.random(in: -20...20, using: &random) }
      folder.put(NumPyWriter.bytes(rows, columns: 4), in: "rows.npy")
      let inference = FloatInference(float)
      let predictions = (0..<50).map { row in
        let input = inference.standardized(rows[row * 4..<row * 4 + 4])
        let output = inference.run(input)
        return (output, float.task.prediction(input: input, output: output))
      }
      let probabilities = predictions.flatMap { $0.1.probabilities.map { Float($0) } }
      let answers =
        kind == .regression
        ? [predictions.flatMap { $0.1.values.map { Float($0) } }]
        : [predictions.flatMap(\.0), probabilities]
      for values in answers {
        folder.put(NumPyWriter.bytes(values, columns: float.outputs), in: "other.npy")
        let json = try json(
          folder("m.bin"), folder("rows.npy"), "--outputs", folder("other.npy"))
        #expect(json["flipped"]?.double == 0)
        // One rounding to binary32.
        #expect(json["sqnr_db"] == .null || json["sqnr_db"]?.double ?? 0 > 120)
        #expect(json["matches"]?.elements.isEmpty == true)
      }
      guard kind == .multiclass else { continue }
      // The classes in another order: nearly every decision flips.
      let turned = predictions.flatMap { [$0.0[1], $0.0[2], $0.0[0]] }
      folder.put(NumPyWriter.bytes(turned, columns: 3), in: "other.npy")
      let words = [folder("m.bin"), folder("rows.npy"), "--outputs", folder("other.npy")]
      let json = try json(
        words[0], words[1], words[2], words[3], "--max-flips", "1%", code: 1)
      #expect(json["flips"]?.double == 1)
      #expect(json["first_difference"]?["layer"]?.double == 1)
    }
  }

  @Test(
    "a value that is not finite is an error without end and a flip",
    arguments: [ModelTask.Kind.binary, .multiclass, .multilabel, .regression],
    [Float.nan, .infinity, -.infinity])
  func notFinite(kind: ModelTask.Kind, value: Float) throws {
    let float = sampleFloatModel(kind, widths: [4, 6, kind == .binary ? 1 : 3], seed: 3)
    let model = folder.put(try Model.float(float).serialized(), in: "m.bin")
    let readings = (0..<40).map { Float($0 % 7) - 3 }
    let rows = folder.put(NumPyWriter.bytes(readings, columns: 4), in: "rows.npy")
    let inference = FloatInference(float)
    let outputs = (0..<10).flatMap { row in
      inference.run(inference.standardized(readings[row * 4..<row * 4 + 4]))
    }
    for isAll in [false, true] {
      var other = isAll ? outputs.map { _ in value } : outputs
      other[6 * float.outputs] = value
      let file = folder.put(NumPyWriter.bytes(other, columns: float.outputs), in: "other.npy")
      let json = try json(model, rows, "--outputs", file)
      #expect(json["not_finite"]?.double == Double(isAll ? other.count : 1))
      #expect(json["max_abs_error"] == .null)
      #expect(json["sqnr_db"] == .null)
      #expect(json["bit_exact"] == .boolean(false))
      let worst = try #require(json["worst"]?.elements.first)
      #expect(worst["row"]?.double == (isAll ? 1 : 7))
      #expect(worst["error"] == .null)
      #expect(worst["flip"] == .boolean(kind != .regression))
      let text = nnq("diff", model, rows, "--outputs", file).output
      #expect(text.contains("values, the first in row \(isAll ? 1 : 7)\n"))
      #expect(text.contains("largest error     not finite\n"))
      guard kind != .regression else { continue }
      let flips = json["flips"]?.double
      // A multilabel row has as many decisions as targets, all of which are lost.
      if isAll { #expect(flips == 1) } else { #expect(flips ?? 0 >= 0.1) }
      #expect(nnq("diff", model, rows, "--outputs", file, "--max-flips", "1%").code == 1)
    }
  }

  @Test("probabilities are known by their finite rows, in steps of 1/256 too")
  func probabilitySteps() throws {
    for columns in [1, 2, 3] {
      let kind = columns == 3 ? ModelTask.Kind.multiclass : .binary
      let float = sampleFloatModel(kind, widths: [4, 6, columns == 3 ? 3 : 1], seed: 3)
      let model = folder.put(try Model.float(float).serialized(), in: "m.bin")
      let readings = (0..<80).map { Float($0 * $0 % 11) - 5 }
      let rows = folder.put(NumPyWriter.bytes(readings, columns: 4), in: "rows.npy")
      let inference = FloatInference(float)
      let exact = (0..<20).flatMap { row -> [Double] in
        let input = inference.standardized(readings[row * 4..<row * 4 + 4])
        let own = float.task.prediction(input: input, output: inference.run(input)).probabilities
        return columns == 2 ? [1 - own[0], own[0]] : own
      }
      // What an int8 softmax answers: 1 is not a code of it.
      var steps = exact.map { Float(min(($0 * 256).rounded(), 255) / 256) }
      for hasNaN in [false, true] {
        if hasNaN { steps[4 * columns] = .nan }
        let file = folder.put(NumPyWriter.bytes(steps, columns: columns), in: "other.npy")
        let json = try json(model, rows, "--outputs", file)
        #expect((json["not_finite"]?.double == 0) == !hasNaN)
        let errors = json["worst"]?.elements.compactMap { $0["error"]?.double } ?? []
        #expect(errors.allSatisfy { $0 <= 1.0 / 256 + 1e-6 })
        #expect(!errors.isEmpty)
      }
    }
  }

  @Test("codes of an int8 softmax are refused, their real numbers are compared")
  func codesOfSoftmax() throws {
    let stem = "\(packageRoot)/Tests/NNQInteropTests/Fixtures/tflite_int8_softmax"
    let (net, rows, codes) = ("\(stem).tflite", "\(stem).input.npy", "\(stem).output.npy")
    expect(
      nnq("diff", net, rows, "--outputs", codes), .badInput,
      "\(codes): codes of probabilities where nnq answers in codes of logits, as \(net) ends in a "
        + "softmax", hint: "give the probabilities as real numbers, (code - zero point) * scale")
    let array = try NumPyArray(reading: codes)
    let probabilities = try #require(array.codes).0.map { Float(Int($0) + 128) / 256 }
    let reals = folder.put(
      NumPyWriter.bytes(probabilities, columns: array.columns), in: "reals.npy")
    let json = try json(net, rows, "--outputs", reals)
    #expect(json["rows"]?.double == 96)
    // Half a step of 1/256, and the end of the codes that stands for 255/256 and 1 alike.
    #expect(json["max_abs_error"]?.double ?? 1 <= 1.0 / 256 + 1e-6)
  }

  @Test("a network where a model is needed, and the other way round, is told so")
  func wrongKindOfFile() throws {
    let float = sampleFloatModel(.regression, widths: [4, 6, 3], seed: 3)
    let model = folder.put(try Model.float(float).serialized(), in: "m.bin")
    let net = folder.put(try float.onnx(), in: "net.onnx")
    let rows = folder.put(
      NumPyWriter.bytes([Float](repeating: 1, count: 8), columns: 4), in: "r.npy")
    expect(
      nnq("predict", net, rows), .badInput,
      "\(net): a network of another format where a model of nnq is needed",
      hint: "nnq import makes a model of it")
    expect(
      nnq("import", model, "-o", folder("out.bin")), .badInput,
      "\(model): is already a model of nnq", hint: "nnq inspect shows it")
  }

  @Test("a limit of flips is refused where nothing is decided")
  func flipsOfRegression() throws {
    let float = sampleFloatModel(.regression, widths: [4, 6, 3], seed: 3)
    let model = folder.put(try Model.float(float).serialized(), in: "m.bin")
    let rows = folder.put(
      NumPyWriter.bytes([Float](repeating: 1, count: 8), columns: 4), in: "r.npy")
    let outputs = folder.put(
      NumPyWriter.bytes([Float](repeating: 1, count: 6), columns: 3), in: "o.npy")
    let sentence = "diff: --max-flips: the task regression makes no decisions"
    expect(nnq("diff", model, model, rows, "--max-flips", "1%"), .usage, sentence)
    expect(nnq("diff", model, rows, "--outputs", outputs, "--max-flips", "1%"), .usage, sentence)
  }

  @Test("what does not fit is refused with the file and the fact")
  func refusals() throws {
    let float = sampleFloatModel(.regression, widths: [4, 6, 3], seed: 3)
    let model = folder.put(try Model.float(float).serialized(), in: "m.bin")
    let rows = folder.put(
      NumPyWriter.bytes([Float](repeating: 1, count: 8), columns: 4), in: "r.npy")
    let codes = folder.put(
      NumPyWriter.bytes([Int8](repeating: 1, count: 6), columns: 3), in: "c.npy")
    let short = folder.put(
      NumPyWriter.bytes([Float](repeating: 1, count: 3), columns: 3), in: "short.npy")
    let wide = folder.put(
      NumPyWriter.bytes([Float](repeating: 1, count: 8), columns: 4), in: "wide.npy")
    let net = folder.put(
      try sampleFloatModel(.regression, widths: [5, 3], seed: 3).onnx(), in: "net.onnx")
    expect(
      nnq("diff", model, rows, "--outputs", codes), .badInput,
      "\(codes): codes where a float model answers in real numbers")
    expect(
      nnq("diff", model, rows, "--outputs", short), .badInput,
      "\(short): 1 rows of outputs where 2 rows were run")
    expect(
      nnq("diff", model, rows, "--outputs", wide), .badInput,
      "\(wide): 4 outputs a row where the model has 3")
    expect(
      nnq("diff", model, model, rows, "--outputs", wide), .usage,
      "diff: unexpected argument \"\(rows)\"", hint: "with --outputs: nnq diff A DATA.csv")
    expect(
      nnq("diff", model, model, rows, "--semantics", "tflite-double"), .badInput,
      "\(model): a float model where --semantics needs an int8 model", hint: "quantize it first")
    expect(
      nnq("diff", model, net, rows), .badInput, "\(net): features: 4 where the network has 5")
    let text = folder.put("a,b\n1,2\n", in: "t.csv")
    #expect(nnq("diff", model, text, rows).code == 3)
  }
}
