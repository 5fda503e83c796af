// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime
import NNQFormat
import NNQRuntime
import Testing

/// A flat image put together byte by byte: 2-2-2, multiclass, factors of 1/2 and 1, with counts.
private struct HandmadeImage {
  var inputBits = 8
  var hiddenBits = 8
  var outputBits = 8
  var task: UInt8 = 2

  private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func section(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
    little(type, 4) + little(payload.count, 4) + payload
      + [UInt8](repeating: 0, count: (8 - payload.count % 8) % 8)
  }

  private func record(bits: Int, zeroPoint: Int) -> [UInt8] {
    let edge = 1 << (bits - 1)
    return [1, 8, UInt8(bits), 0, 0, 0, 0, 0] + Self.little(2, 2) + Self.little(2, 2)
      + Self.little(zeroPoint, 2) + Self.little(-edge, 2) + Self.little(edge - 1, 2)
      + [UInt8](repeating: 0, count: 6)
  }

  private func data(bias: [Int], shift: UInt8, weights: [Int]) -> [UInt8] {
    bias.flatMap { Self.little($0, 4) } + Self.little(1 << 30, 4) + Self.little(1 << 30, 4)
      + [shift, shift, 0, 0] + weights.map { UInt8(truncatingIfNeeded: $0) }
  }

  var bytes: [UInt8] {
    let network =
      Self.little(2, 2) + Self.little(2, 2) + Self.little(inputBits, 4)
      + record(bits: hiddenBits, zeroPoint: 0)
      + record(bits: outputBits, zeroPoint: outputBits == 8 ? -1 : 0)
      + data(bias: [10, -5], shift: 31, weights: [1, 2, 3, -1])
      + data(bias: [0, 0], shift: 30, weights: [1, 1, 1, -1])
    let output = Self.little(7, 4) + Self.little(1 << 30, 4) + Self.little(-31 & 0xFFFF, 4)
    let hasProbabilities = task <= 3
    // One code is one octave: 2^30 / 2^18 = 4,096 steps.
    let outputs =
      [task, hasProbabilities ? 1 : 0] + Self.little(2, 2)
      + Self.little(hasProbabilities ? 1 << 30 : 0, 4) + Self.little(hasProbabilities ? 18 : 0, 8)
      + Self.little(task == 5 ? 99 : 0, 8)
      + output + Self.little(task == 3 ? 13 : 0, 4) + output + Self.little(task == 3 ? 14 : 0, 4)
    let count =
      Self.little(-1000, 4) + Self.little(1000, 4) + Self.little(100, 4) + Self.little(1 << 30, 4)
      + [32, 0] + Self.little(inputBits == 8 ? -3 : 0, 2)
    let score = Self.little(1, 4) + Self.little(1 << 30, 4) + Self.little(30, 4)
    var file: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x46, 1, 0, 0] + Self.little(0, 8)
    file += Self.section(1, network) + Self.section(2, outputs) + Self.section(3, count + count)
    if task == 5 { file += Self.section(4, score + score) }
    file.replaceSubrange(8..<12, with: Self.little(file.count, 4))
    var crc: UInt32 = .max
    for byte in file[..<12] + file[16...] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    file.replaceSubrange(12..<16, with: Self.little(Int(~crc), 4))
    return file
  }
}

/// The status that loading the bytes ends with, or "ok".
private func status(of bytes: [UInt8]) -> String {
  do throws(RuntimeFault) {
    _ = try FirmwareRuntime(image: bytes)
    return "ok"
  } catch {
    return error.name
  }
}

@Suite("FirmwareRuntime")
struct RuntimeLoadTests {
  @Test("describes the image that it loaded")
  func describes() throws {
    let runtime = try FirmwareRuntime(image: HandmadeImage().bytes)
    #expect(runtime.inputs == 2)
    #expect(runtime.outputs == 2)
    #expect(runtime.inputBits == 8)
    #expect(runtime.outputBits == 8)
    #expect(runtime.task == .multiclass)
    #expect(runtime.arenaBytes == 4)
    #expect(
      [runtime.hasProbabilities, runtime.hasCounts, runtime.hasSelfTest] == [true, true, false])
    #expect(
      runtime.layers.map { [$0.inputs, $0.outputs, $0.macs, $0.weightBytes, $0.dataBytes] }
        == [[2, 2, 4, 4, 24], [2, 2, 4, 4, 24]])
    #expect(runtime.layers.map(\.activation) == [.identity, .identity])
    #expect(FirmwareRuntime.availableKernels.first == "scalar")
    #expect(runtime.kernel == FirmwareRuntime.availableKernels.last)
    let scale = runtime.scale(ofOutput: 1)
    #expect(scale == (1 << 30, -31, 7))
  }

  @Test("computes codes that were worked out by hand")
  func computes() throws {
    var runtime = try FirmwareRuntime(image: HandmadeImage().bytes)
    // (26, 1) / 2 = (13, 1), a tie rounded up; 13 + 1 - 1 and 13 - 1 - 1.
    #expect(runtime.layerOutputs([4, 6]) == [[13, 1], [13, 11]])
    #expect(runtime.run([4, 6]) == [13, 11])
    #expect(runtime.run([4, 6, 4, 7, 4, 6]) == [13, 11, 13, 13, 13, 11])
    #expect(runtime.run([]) == [])
    #expect(runtime.selfTest() == nil)
  }

  @Test(
    "gives the same codes for every width of codes",
    arguments: [8, 16], [(8, 8), (8, 16), (16, 8), (16, 16)])
  func widths(input: Int, others: (Int, Int)) throws {
    var runtime = try FirmwareRuntime(
      image: HandmadeImage(inputBits: input, hiddenBits: others.0, outputBits: others.1).bytes)
    let shift: Int16 = others.1 == 8 ? 0 : 1  // an output of 16 bits has a zero point of 0
    #expect(runtime.inputBits == input)
    #expect(runtime.outputBits == others.1)
    #expect(runtime.layerOutputs([4, 6]) == [[13, 1], [13 + shift, 11 + shift]])
    #expect(runtime.run([4, 6, 4, 6]) == [13 + shift, 11 + shift, 13 + shift, 11 + shift])
  }

  @Test("runs rows in place as it runs them one by one")
  func batch() throws {
    var runtime = try FirmwareRuntime(image: HandmadeImage(outputBits: 16).bytes)
    let input = (0..<200).map { Int8(truncatingIfNeeded: $0 * 37) }
    var output = [Int16](repeating: 0, count: 200)
    var span = output.mutableSpan
    runtime.run(rows: 100, input: input.span, output: &span)
    #expect(output == runtime.run(input.map { Int16($0) }))
    for row in 0..<100 {
      #expect(
        Array(output[2 * row..<2 * row + 2])
          == runtime.run([Int16(input[2 * row]), Int16(input[2 * row + 1])]))
    }
    var none = [Int16]()
    var empty = none.mutableSpan
    runtime.run(rows: 0, input: [Int8]().span, output: &empty)
    #expect(none.isEmpty)
  }

  @Test("decides a multiclass task")
  func multiclass() throws {
    let runtime = try FirmwareRuntime(image: HandmadeImage().bytes)
    let decision = runtime.label(of: [13, 11])
    #expect(decision?.label == 0)
    #expect(decision?.margin == 2)
    #expect(runtime.probabilities(of: [13, 11]) == [52_429, 13_107])  // 4/5 and 1/5 of 65,536
    #expect(runtime.flags(of: [13, 11]) == nil)
    #expect(runtime.score(of: [4, 6], output: [13, 11]) == nil)
    #expect(runtime.scoreThreshold == 0)
    #expect(runtime.codes(ofCounts: [106, 5000]) == [-1, 127])
  }

  @Test("decides multilabel, regression and anomaly tasks")
  func otherTasks() throws {
    let multilabel = try FirmwareRuntime(image: HandmadeImage(task: 3).bytes)
    let decision = multilabel.flags(of: [13, 12])
    #expect(decision?.flags == [true, false])
    #expect(decision?.margins == [0, -2])
    #expect(multilabel.probabilities(of: [7, 8]) == [32_768, 43_691])  // 1/2 and 2/3
    #expect(multilabel.label(of: [13, 12]) == nil)

    let regression = try FirmwareRuntime(image: HandmadeImage(task: 4).bytes)
    #expect(regression.probabilities(of: [1, 2]) == nil)
    #expect(regression.label(of: [1, 2]) == nil)

    let anomaly = try FirmwareRuntime(image: HandmadeImage(task: 5).bytes)
    #expect(anomaly.score(of: [4, 6], output: [13, 11]) == 80)  // (5, 7) against (13, 11)
    #expect(anomaly.scoreThreshold == 99)
  }

  @Test("refuses every flipped bit, every truncation and every extension")
  func damage() throws {
    let bytes = HandmadeImage().bytes
    #expect(status(of: bytes) == "ok")
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(status(of: damaged) != "ok")
    }
    for count in 0..<bytes.count { #expect(status(of: Array(bytes[..<count])) != "ok") }
    for more in 1...64 {
      #expect(status(of: bytes + [UInt8](repeating: 0, count: more)) == "size")
    }
  }

  @Test("names the fault and its number")
  func faults() throws {
    var bytes = HandmadeImage().bytes
    bytes[20] ^= 1
    #expect(status(of: bytes) == "crc")
    #expect(status(of: []) == "size")
    #expect(status(of: [UInt8](repeating: 0, count: 16)) == "magic")
    #expect(status(of: HandmadeImage(task: 6).bytes) == "task")
    do throws(RuntimeFault) {
      _ = try FirmwareRuntime(image: bytes)
      Issue.record("the image was accepted")
    } catch {
      #expect(error.code == Int(NNQ_ERROR_CRC.rawValue))
    }
  }
}
