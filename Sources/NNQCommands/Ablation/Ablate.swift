// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain
import NNQWords

extension Command {
  static let ablate = Command(
    name: "ablate", summary: "Change one setting of a training at a time and compare over seeds",
    arguments: [
      Argument(name: "DATA.csv", help: "The training rows: .csv, .csv.zst, .npy or -")
    ],
    options: [
      .list(
        "--only", "WHAT[,WHAT]",
        "What is changed of \(Variant.Aspect.allCases.map(\.rawValue).joined(separator: ", "))",
        initial: .described("all")),
      .list(
        "--seeds", "S[,S]", "Each training runs once with each seed",
        initial: .value("0,1,2,3,4")),
    ] + Option.training + [.flag("--json", "Print the comparison as one JSON object")],
    discussion: [
      "All settings of train may be given; they are the base. Every training of one seed holds back"
        + " the same rows, so that differences are taken seed by seed. Each interval of 95 % is that"
        + " of Student's distribution over the seeds, cut off where the metric ends: of two or three"
        + " seeds it is wide. The rows held back chose the best pass as well:"
        + " the metrics are a little too good, all of them alike. Test rows play no part.",
      "rows fits an eighth, a quarter and half of the rows beside all of them, whole groups with"
        + " --group, and says whether more rows would help.",
      "A change of optimizer takes its own usual rate unless --learning-rate is given.",
    ],
    examples: [
      Example("nnq ablate motor.csv", "Compare everything over five seeds"),
      Example(
        "nnq ablate plant.csv --target PE --only width,depth --seeds 0,1,2",
        "Find out whether the network has the right size"),
      Example(
        "nnq ablate motor.csv --only rows --group machine", "Ask whether more rows would help"),
    ]
  ) { arguments, console in
    let path = arguments.argument("DATA.csv")
    var settings = try TrainingSettings(arguments)
    guard settings.validation > 0 else {
      throw arguments.bad(
        "--validation", arguments.string("--validation"), "leaves no rows to compare on")
    }
    let aspects = try arguments.aspects()
    let seeds = try arguments.integers("--seeds", in: 0...Int.max).map { UInt64($0) }
    if let twice = seeds.indices.first(where: { seeds[..<$0].contains(seeds[$0]) }) {
      throw arguments.bad("--seeds", "\(seeds[twice])", "is given twice")
    }
    guard seeds.count <= 1000 else {
      throw arguments.bad("--seeds", "\(seeds.count)", "seeds where at most 1000 are allowed")
    }
    let data = try arguments.trainingData(path, settings)
    let task = try naming(path) {
      try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    }
    settings.task = task.kind
    console.note(
      "\(path): \(data.rows) rows, \(data.featureNames.count) features; \(task.sentence(data))")
    let variants = aspects.flatMap {
      Variant.all($0, of: settings, isAnomaly: task.kind == .anomaly)
    }
    let ablation = try Ablation(data, settings, variants, seeds: seeds, path: path, console)
    for (variant, failure) in ablation.refused {
      console.warn("\(variant.aspect.rawValue) \(variant.name): \(failure.sentence)")
    }
    for result in [ablation.base] + ablation.changes {
      let count = result.trials.count(where: \.diverged)
      guard count > 0 else { continue }
      console.warn(
        "\(result.aspect) \(result.name): \(count) of \(seeds.count) trainings diverged; their best"
          + " pass counts")
    }
    if arguments.flag("--json") {
      try console.print(ablation.json)
    } else {
      try console.write(ablation.table.text(style: console.style) + "\n")
      for sentence in ablation.conclusions { try console.print(printable(sentence)) }
    }
    return .success
  }
}

extension ParsedArguments {
  /// What `--only` names, in the order of the table.
  fileprivate func aspects() throws(Failure) -> [Variant.Aspect] {
    let named = try list("--only")
    let known = Variant.Aspect.allCases.map(\.rawValue)
    if let unknown = named.first(where: { !known.contains($0) }) {
      throw bad(
        "--only", unknown, "is not one of \(known.joined(separator: ", "))",
        hint: closest(to: unknown, among: known).map { "did you mean \(quoted($0))?" })
    }
    return Variant.Aspect.allCases.filter { named.isEmpty || named.contains($0.rawValue) }
  }
}
