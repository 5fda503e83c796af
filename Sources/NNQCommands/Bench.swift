// SPDX-License-Identifier: Apache-2.0
import NNQRuntime

extension Command {
  static let bench = Command(
    name: "bench", summary: "Measure how long models take on this machine",
    arguments: [Argument(name: "MODEL", help: "Float or int8 models", count: .oneOrMore)],
    options: [
      .list("--batch", "N[,N]", "Rows a call", initial: .value("1,16,256")),
      .list(
        "--kernel", "NAME[,NAME]", "Kernels of the C runtime for int8 models, or all",
        initial: .described("NNQ_KERNEL, else the fastest")),
      .flag("--json", "Print the results as one JSON object"),
    ],
    examples: [
      Example("nnq bench model.bin model.int8.bin", "Compare float with int8"),
      Example("nnq bench model.int8.bin --kernel all", "Compare the kernels of this machine"),
      Example("nnq bench model.int8.bin --batch 1 --json", "Measure single rows, for a script"),
    ]
  ) { arguments, console in
    let batches = try arguments.integers("--batch", in: 1...65_536)
    let kernels = try arguments.kernels("--kernel")
    let inputs = try arguments.arguments("MODEL").map { try ModelInput($0) }
    let benchmark = try Benchmark(inputs, batches: batches, kernels: kernels)
    let results = benchmark.measure()
    if arguments.flag("--json") {
      try console.print(JSON.answer(["results": .array(results.map(\.json))]))
    } else {
      var table = Table([
        .text("model"), .text("kernel"), .number("batch"), .number("minimum"), .number("median"),
        .number("a row"), .number("RAM"),
      ])
      for result in results { table.add(result.cells) }
      try console.write(
        table.text(style: console.style)
          + "kernels of this machine: \(FirmwareRuntime.availableKernels.joined(separator: ", "))\n"
      )
    }
    return .success
  }
}
