// SPDX-License-Identifier: Apache-2.0
import NNQFiles

extension Option {
  /// - Parameter content: what the page shows.
  static func report(_ content: String) -> Option {
    .file(
      "--report", "FILE.html",
      "Write \(content) as one page that needs no network; the package"
        + " \(ChartLibrary.package) draws the charts, and tables stand alone without it")
  }
}

extension ParsedArguments {
  /// The path of the page that `--report` asks for.
  ///
  /// - Throws: ``Failure`` when it cannot be written, before any long work.
  func reportPath() throws(Failure) -> String? {
    guard let path = stringIfGiven("--report") else { return nil }
    try OutputFile(replacing: path).checkWritable()
    return path
  }
}

extension Page {
  /// Writes the page; what draws charts is taken from the system.
  func write(to path: String, _ console: Console) throws(Failure) {
    let library = ChartLibrary()
    if library == nil {
      console.note("\(path): without charts, for \(ChartLibrary.package) is not installed")
    }
    try naming(path) { try writeFile(Array(html(library).utf8), to: path) }
  }
}
