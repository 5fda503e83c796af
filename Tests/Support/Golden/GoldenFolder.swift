// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The golden files of the format, read from the source tree.
public enum GoldenFolder {
  public static let path = packageRoot + "/Tests/NNQFormatTests/Golden"
  public static let goodPath = path + "/good"
  public static let badPath = path + "/bad"
  public static let factsPath = path + "/golden.json"

  /// True when this run is to write the golden files instead of checking them.
  public static let isBeingWritten: Bool = unsafe getenv("NNQ_WRITE_GOLDEN") != nil

  public static var goodNames: [String] { TemporaryFolder.names(in: goodPath) }
  public static var badNames: [String] { TemporaryFolder.names(in: badPath) }

  public static func good(_ name: String) -> [UInt8] { read(goodPath + "/" + name) }
  public static func bad(_ name: String) -> [UInt8] { read(badPath + "/" + name) }

  private static func read(_ path: String) -> [UInt8] {
    guard let bytes = fileBytes(path) else { preconditionFailure("cannot read \(path)") }
    return bytes
  }
}
