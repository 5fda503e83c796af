// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let man = Command(
    name: "man", summary: "Print the manual page",
    discussion: ["The page is written with the man macros of roff."],
    examples: [
      Example("nnq man | man -l -", "Read it"),
      Example("nnq man > nnq.1", "Save it where man finds it"),
    ]
  ) { _, console in
    try console.write(ManPage(commands: CommandTable.all).text)
    return .success
  }
}
