// SPDX-License-Identifier: Apache-2.0
import NNQRuntime

extension Command {
  static let bench = Command(
    name: "bench", summary: "Measure what models take on this machine and on devices",
    arguments: [Argument(name: "MODEL", help: "Float or int8 models", count: .oneOrMore)],
    options: [
      .list("--batch", "N[,N]", "Rows a call", initial: .value("1,16,256")),
      .list(
        "--kernel", "NAME[,NAME]", "Kernels of the C runtime for int8 models, or all",
        initial: .described("NNQ_KERNEL, else the fastest")),
      .list(
        "--target", "NAME[,NAME]", "host, or devices in an emulator: \(deviceNames)",
        initial: .value("host")),
      .file(
        "--runtime", "DIR", "The sources of firmware-runtime, for devices",
        initial: .described("NNQ_RUNTIME, else near the program")),
      .flag("--per-layer", "Time each layer of int8 models on this machine too"),
      .flag("--json", "Print the results as one JSON object"),
    ],
    discussion: [
      "On this machine all models run in turn on one processor, where that may be chosen, again and"
        + " again. The limit is the time that the multiplications and the reading of the weights take"
        + " at least, with the instructions of the kernel, as measured between the models: loops of"
        + " nothing else. With --per-layer each layer runs as a network of its own, one after the"
        + " other, so that its weights are where the whole network finds them, and a short one several"
        + " times; an add has no time.",
      "For a device an int8 model is compiled with firmware-runtime in the layout that suits the CPU and"
        + " run in QEMU, simavr or node, which gives the instructions of one inference, the bytes of the"
        + " runtime without weights, RAM and stack; the RAM of an AVR holds the image too. The exit code is 1 when"
        + " an output differs from this machine's.",
    ],
    examples: [
      Example("nnq bench model.bin model.int8.bin", "Compare float with int8"),
      Example(
        "nnq bench model.int8.bin --kernel all --per-layer",
        "Compare the kernels of this machine, layer by layer"),
      Example("nnq bench model.int8.bin --target cortex-m0,cortex-m4", "Measure on devices"),
    ]
  ) { arguments, console in
    let batches = try arguments.integers("--batch", in: 1...65_536)
    let kernels = try arguments.kernels("--kernel")
    let (isHost, targets) = try arguments.targets()
    let inputs = try arguments.arguments("MODEL").map { try ModelInput($0) }
    var devices: [DeviceResult] = []
    var results: [Benchmark.Result] = []
    var failure: (any Error)?
    do {
      if !targets.isEmpty {
        let folder = try runtimeFolder(arguments.stringIfGiven("--runtime"))
        for input in inputs {
          for target in targets { devices.append(try measure(input, on: target, runtime: folder)) }
        }
      }
      if isHost {
        results = try onOneProcessor { () throws(Failure) in
          try Benchmark(
            inputs, batches: batches, kernels: kernels, isPerLayer: arguments.flag("--per-layer")
          ).measure()
        }
      }
    } catch {
      // What was measured before is not lost.
      guard !devices.isEmpty else { throw error }
      failure = error
    }
    let code = devices.allSatisfy(\.isEqual) ? ExitCode.success : .no
    if arguments.flag("--json") {
      let all = results.map(\.json) + devices.map(\.json)
      try console.print(JSON.answer(["results": .array(all)]))
      if let failure { throw failure }
      return code
    }
    if !devices.isEmpty {
      var table = Table([
        .text("model"), .text("target"), .text("layout"), .number("instructions"), .number("code"),
        .number("RAM"), .number("stack"), .text("outputs"),
      ])
      for device in devices { table.add(device.cells) }
      try console.write(table.text(style: console.style))
    }
    if let failure { throw failure }
    if isHost {
      var table = Table([
        .text("model"), .text("kernel"), .number("batch"), .number("minimum"), .number("median"),
        .number("a row"), .number("GMAC/s"), .number("of limit"), .number("RAM"),
      ])
      for result in results { table.add(result.cells) }
      var layers = Table([
        .text("model"), .text("kernel"), .number("batch"), .text("layer"), .number("inputs"),
        .number("outputs"), .number("minimum"), .number("median"), .number("GMAC/s"),
        .number("of limit"),
      ])
      for cells in results.flatMap(\.layerCells) { layers.add(cells) }
      try console.write(
        table.text(style: console.style)
          + (layers.rows.isEmpty ? "" : "\n\(layers.text(style: console.style))\n")
          + "kernels of this machine: \(FirmwareRuntime.availableKernels.joined(separator: ", "))\n"
      )
    }
    return code
  }

  private static let deviceNames = DeviceTarget.allCases.map(\.rawValue).joined(separator: ", ")
}

extension ParsedArguments {
  /// Whether the host is asked for, and which devices.
  fileprivate func targets() throws(Failure) -> (isHost: Bool, devices: [DeviceTarget]) {
    var devices: [DeviceTarget] = []
    let names = try list("--target")
    for name in names where name != "host" {
      guard let target = DeviceTarget(rawValue: name) else {
        throw bad(
          "--target", name, "is no target",
          hint: "there are host, \(DeviceTarget.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      devices.append(target)
    }
    return (names.contains("host"), devices)
  }
}
