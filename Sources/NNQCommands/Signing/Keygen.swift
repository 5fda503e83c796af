// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQSigning

extension Command {
  static let keygen = Command(
    name: "keygen", summary: "Make a key that signs models",
    options: [
      .file("-o", "NAME", "Write NAME.key and NAME.pub", isRequired: true),
      .value(
        "--name", "NAME", "The key's name in a key ring",
        initial: .described("the last part of -o")),
      .value("--expires", "YYYY-MM-DD", "The first day on which the key is not trusted any more"),
    ],
    discussion: [
      "NAME.key is secret: only its owner may read it, and who reads it can sign. NAME.pub is one"
        + " line of a key ring: cat a.pub b.pub makes a ring of two. To revoke a key, write the word"
        + " revoked at the end of its line. Neither file is ever replaced."
    ],
    examples: [
      Example("nnq keygen -o plant-2026", "Write plant-2026.key and plant-2026.pub"),
      Example(
        "nnq keygen -o keys/line3 --name line3 --expires 2028-01-01",
        "Make a key that is trusted until the end of 2027"),
    ]
  ) { arguments, console in
    let path = arguments.string("-o")
    let last = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init)
    let name = arguments.stringIfGiven("--name") ?? last ?? ""
    let expires = try arguments.dayIfGiven("--expires")
    let secret = try naming(path) { try SecretKey(generating: name) }
    for file in ["\(path).key", "\(path).pub"] where unsafe access(file, F_OK) == 0 {
      throw Failure(
        .inputOutput, "\(file): exists", hint: "a key that is lost is lost: choose another name")
    }
    let open = try secret.publicKey(expires: expires?.seconds)
    try naming("\(path).key") {
      try writeFile(Array(secret.text.utf8), to: "\(path).key", permissions: 0o600)
    }
    try naming("\(path).pub") { try writeFile(Array(open.line.utf8), to: "\(path).pub") }
    try console.write(open.line)
    return .success
  }
}

extension ParsedArguments {
  /// A day of the calendar.
  func dayIfGiven(_ name: String) throws(Failure) -> CalendarDay? {
    guard let text = stringIfGiven(name) else { return nil }
    guard let day = CalendarDay(text) else { throw bad(name, text, "is not a day: YYYY-MM-DD") }
    return day
  }
}
