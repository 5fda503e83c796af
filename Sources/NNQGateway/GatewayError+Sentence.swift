// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

extension GatewayError {
  /// One sentence for the log.
  package var sentence: String {
    switch self {
    case .system(let call, let code): "\(call): \(unsafe String(cString: strerror(code)))"
    case .file(let error): "\(error.path): \(error.reason)"
    case .unknownSetting(let name, let line): "\(place(line))unknown setting \"\(name)\""
    case .badSetting(let name, let value, let line):
      "\(place(line))\(name): \"\(value)\" has no meaning here"
    case .repeatedSetting(let name, let line): "\(place(line))\(name) is given twice"
    case .malformedLine(let line): "\(place(line))not a line of the form name = value"
    case .incomplete(let name, let needs):
      name.isEmpty ? "nothing is given for \(needs)" : "\(name) needs \(needs)"
    case .notBuilt(let name, let trait): "\(name): this build lacks the package trait \(trait)"
    case .model(let file, let refusal): "\(file): \(refusal)"
    }
  }

  package var exitCode: Int32 {
    switch self {
    case .system, .file: 4
    case .model: 3
    case .unknownSetting, .badSetting, .repeatedSetting, .malformedLine, .incomplete, .notBuilt: 2
    }
  }

  private func place(_ line: Int) -> String { line == 0 ? "" : "line \(line): " }
}
