// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let bench = Command(
    name: "bench", summary: "Measure how long models take on this machine",
    arguments: [Argument(name: "MODEL", help: "Float or int8 models", count: .oneOrMore)],
    options: [
      .list("--batch", "N[,N]", "Rows a call", initial: .value("1,16,256")),
      .flag("--json", "Print the results as one JSON object"),
    ],
    examples: [
      Example("nnq bench model.bin model.int8.bin", "Compare float with int8"),
      Example("nnq bench model.int8.bin --batch 1 --json", "Measure single rows, for a script"),
    ]
  ) { arguments, console in
    let batches = try arguments.integers("--batch", in: 1...65_536)
    let inputs = try arguments.arguments("MODEL").map { try ModelInput($0) }
    let benchmark = try Benchmark(inputs, batches: batches)
    let results = benchmark.measure()
    if arguments.flag("--json") {
      try console.print(JSON.answer(["results": .array(results.map(\.json))]))
    } else {
      var table = Table([
        .text("model"), .text("kernel"), .number("batch"), .number("minimum"), .number("median"),
        .number("a row"), .number("RAM"),
      ])
      for result in results { table.add(result.cells) }
      try console.write(table.text(style: console.style))
    }
    return .success
  }
}
