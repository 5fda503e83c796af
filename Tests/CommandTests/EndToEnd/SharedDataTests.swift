// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite(.enabled(if: sharedFolder != nil, "../shared is not there"))
struct SharedDataTests {
  @Test(
    "every test row of real data gives the reference's codes in the C runtime",
    arguments: [
      "ccpp", "cmapss_fd001", "hydraulic", "occupancy", "ozone8h", "shuttle_ad", "ujiindoorloc",
      "wall_robot",
    ])
  func parity(name: String) throws {
    let data = try #require(sharedFolder) + "/data/\(name)"
    func path(_ part: String) -> String {
      fileBytes("\(data)/\(part).csv") == nil ? "\(data)/\(part).csv.zst" : "\(data)/\(part).csv"
    }
    let folder = TemporaryFolder()
    // One of these tables holds two tasks.
    let target = name == "ujiindoorloc" ? ["--target", "label"] : []
    expectSuccess(
      nnq(
        ["train", path("train"), "-o", folder("m.bin"), "--epochs", "1", "--hidden", "24,16"]
          + target + ["--quiet"]))
    expectSuccess(nnq("quantize", folder("m.bin")))
    let answer = nnq("predict", folder("m.int8.bin"), path("test"), "--codes")
    expectSuccess(answer)
    let codes = answer.output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").compactMap { Int16($0) }
    }
    let expected = try referenceCodes(
      folder.bytes("m.int8.bin") ?? [], try plainTable(path("test")))
    #expect(codes.count == expected.count)
    #expect(zip(codes, expected).count { $0 != $1 } == 0)
    expectSuccess(nnq("verify", folder("m.int8.bin")))
  }

  /// A table without quotes, taken apart at its commas.
  private func plainTable(_ path: String) throws -> SampleTable {
    var bytes = try #require(fileBytes(path))
    if path.hasSuffix(".zst") { bytes = try unpacked(bytes) }
    let lines = bytes.split(separator: 0x0A).map { line in
      line.split(separator: 0x2C, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    return SampleTable(header: lines[0], rows: Array(lines.dropFirst()))
  }

  private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = TemporaryFolder()
    var source = try ByteSource(folder.put(bytes, in: "t.zst"))
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: ByteSource.chunkSize)
    while case let got = try source.read(into: &chunk, at: 0..<chunk.count), got > 0 {
      all += chunk[..<got]
    }
    return all
  }
}
