// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

extension GatewayError {
  /// One sentence for the log.
  package var sentence: String { line > 0 ? "line \(line): \(fact)" : fact }

  private var fact: String {
    switch self {
    case .system(let call, let code): "\(call): \(unsafe String(cString: strerror(code)))"
    case .file(let error): "\(error.path): cannot \(error.operation.rawValue): \(error.reason)"
    case .unknownSetting(let name, 0):
      "unknown option \"\(name)\"; nnqd --help lists the options"
    case .unknownSetting(let name, _): "unknown setting \"\(name)\""
    case .badSetting(let name, let value, _):
      "\(name): \"\(value)\" is not \(Setting.allowed(name))"
    case .repeatedSetting(let name, 0): "--\(name) is given twice"
    case .repeatedSetting(let name, _): "\(name) is given twice"
    case .malformedLine: "not a line of the form name = value"
    case .incomplete(let name, let needs):
      name.isEmpty ? "nothing is given for \(needs)" : "\(name) needs \(needs)"
    case .notBuilt(let name, let trait): "\(name): this build lacks the package trait \(trait)"
    case .model(let file, let refusal): "\(file): \(refusal.words)"
    case .configuration(let file, let error):
      error.line > 0 ? "\(file):\(error.line): \(error.fact)" : "\(file): \(error.fact)"
    case .answersToItself(let topic, let filter):
      "mqtt-answers: mqtt-topic \"\(filter)\" takes in answers to \"\(topic)\", which would be "
        + "answered for ever"
    case .notASocket(let path): "\(path): there is something that is no socket, which stays"
    case .stateInUse(let folder): "\(folder): another nnqd uses this state folder"
    case .lastJournal(let file): "\(file): no number is left for the next file, move this one away"
    case .badState(let file): "\(file): not a state of nnqd, or cut short"
    }
  }

  package var exitCode: Int32 {
    switch self {
    case .system, .file, .notASocket, .stateInUse: 4
    case .model(_, let refusal): refusal.isUnreadable ? 4 : 3
    case .configuration(_, let error): error.exitCode
    case .badState, .lastJournal: 3
    case .unknownSetting, .badSetting, .repeatedSetting, .malformedLine, .incomplete, .notBuilt,
      .answersToItself:
      2
    }
  }

  /// The line of a configuration that this is about; 0 for none.
  private var line: Int {
    switch self {
    case .unknownSetting(_, let line), .badSetting(_, _, let line), .repeatedSetting(_, let line),
      .malformedLine(let line):
      line
    default: 0
    }
  }
}

extension ModelRefusal {
  /// Whether the system refused to read.
  fileprivate var isUnreadable: Bool {
    switch self {
    case .unreadable, .unreadableKeys, .store: true
    default: false
    }
  }
}
