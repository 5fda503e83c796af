// SPDX-License-Identifier: Apache-2.0

/// Something that was looked at.
struct Check {
  let name: String
  /// Nil when it was passed; else what is wrong.
  let fault: String?
  let detail: String
}

/// What was looked at, in order.
struct Checks {
  private(set) var all: [Check]

  init(_ all: [Check] = []) { self.all = all }

  var hasPassed: Bool { all.allSatisfy { $0.fault == nil } }

  mutating func append(_ check: Check) { all.append(check) }

  var json: JSON { .answer(["passed": .boolean(hasPassed), "checks": list]) }

  /// The checks alone, for an answer that says more.
  var list: JSON {
    .array(
      all.map {
        [
          "name": .string($0.name), "passed": .boolean($0.fault == nil),
          "detail": .string($0.fault ?? $0.detail),
        ]
      })
  }

  /// A line for each.
  func text(style: Style) -> String {
    var table = Table([.text(""), .text(""), .text("")])
    for check in all {
      table.add([check.fault == nil ? "ok" : "FAILED", check.name, check.fault ?? check.detail])
    }
    return table.text(style: style)
  }
}
