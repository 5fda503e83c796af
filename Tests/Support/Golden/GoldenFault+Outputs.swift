// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension GoldenFault {
  /// Faults in the sections outputs, counts, score and selftest.
  static func outputFaults() throws -> [GoldenFault] {
    try outputFieldFaults() + outputValueFaults() + countFaults() + selfTestFaults()
  }

  private static func fault(
    _ name: String, _ section: SectionType, _ field: String, _ found: String, _ status: String,
    _ image: FlatImage = faultBase(), _ change: (inout FlatImage) -> Void
  ) throws -> GoldenFault {
    var image = image
    change(&image)
    return GoldenFault(
      name: name, error: .invalidField(section, field: field, index: 0, found: found),
      status: status, bytes: try FaultySections(image).file())
  }

  private static func fieldFault<T: FixedWidthInteger>(
    _ name: String, _ section: SectionType, _ field: String, _ found: String, _ status: String,
    at byte: Int, _ value: T
  ) throws -> GoldenFault {
    var sections = FaultySections(faultBase())
    sections.put(value, in: section, at: byte)
    return GoldenFault(
      name: name, error: .invalidField(section, field: field, index: 0, found: found),
      status: status, bytes: try sections.file())
  }

  private static func outputFieldFaults() throws -> [GoldenFault] {
    let payload = FaultySections(faultBase())[.outputs]
    let multiplier = Envelope.word(payload, at: 4)
    let shift = payload[8]
    return [
      try fieldFault("unknown-task", .outputs, "task", "6", "task", at: 0, UInt8(6)),
      try fieldFault(
        "probability-flag-2", .outputs, "probabilities", "2", "probability", at: 1, UInt8(2)),
      try fieldFault(
        "probability-without-flag", .outputs, "probability multiplier",
        "\(multiplier) >> \(shift)", "probability", at: 1, UInt8(0)),
      try fieldFault(
        "probability-multiplier-too-small", .outputs, "probability multiplier", "1 >> \(shift)",
        "multiplier", at: 4, Int32(1)),
      try fieldFault(
        "probability-shift-zero", .outputs, "probability multiplier", "\(multiplier) >> 0",
        "shift", at: 8, UInt8(0)),
      try fieldFault(
        "reserved-byte-in-outputs", .outputs, "reserved byte", "7", "reserved", at: 15, UInt8(7)),
    ]
  }

  private static func outputValueFaults() throws -> [GoldenFault] {
    let anomaly = faultBase(widths: [3, 2, 3], task: .anomaly)
    return [
      try fault("task-with-wrong-outputs", .outputs, "outputs", "2", "task") {
        $0.task = .binary
      },
      try fault("outputs-too-many", .outputs, "outputs", "3", "length") {
        $0.outputs.append($0.outputs[0])
        $0.selfTests = []
      },
      try fault(
        "probability-on-regression", .outputs, "probabilities", "regression", "probability"
      ) {
        $0.task = .regression
      },
      try fault(
        "score-threshold-on-multiclass", .outputs, "score threshold", "1", "threshold"
      ) {
        $0.scoreThreshold = 1
      },
      try fault(
        "score-threshold-negative", .outputs, "score threshold", "-1", "threshold", anomaly
      ) {
        $0.scoreThreshold = -1
      },
      try fault(
        "scale-multiplier-too-small", .outputs, "scale multiplier", "1073741823", "multiplier"
      ) {
        $0.outputs[0].multiplier = 1 << 30 - 1
      },
      try fault("scale-exponent-too-large", .outputs, "scale exponent", "1001", "exponent") {
        $0.outputs[0].exponent = 1001
      },
      try fault("origin-outside", .outputs, "origin", "32768", "origin") {
        $0.outputs[0].origin = 32_768
      },
      try fault("threshold-on-multiclass", .outputs, "threshold", "5", "threshold") {
        $0.outputs[0].threshold = 5
      },
      try fault("score-origin-too-large", .score, "origin", "1073741825", "origin", anomaly) {
        $0.score?[0].origin = 1 << 30 + 1
      },
      try fault("score-missing", .score, "presence", "anomaly", "section-missing", anomaly) {
        $0.score = nil
      },
      try fault("score-on-multiclass", .score, "presence", "multiclass", "section-extra") {
        $0.score = anomaly.score
      },
    ]
  }

  private static func countFaults() throws -> [GoldenFault] {
    let range: ClosedRange<Int32> = -32_768...32_767
    return [
      try fieldFault(
        "count-range-reversed", .counts, "count range", "32768 to \(range.upperBound)", "counts",
        at: 0, Int32(32_768)),
      try fieldFault(
        "reserved-byte-in-counts", .counts, "reserved byte", "1", "reserved", at: 17, UInt8(1)),
      try fault("count-offset-too-far", .counts, "offset", "\(Int32.min)", "counts") {
        $0.counts?[0].offset = .min
      },
      try fault("count-zero-point-outside", .counts, "zero point", "-129", "zero-point") {
        $0.counts?[0].zeroPoint = -129
      },
      try fault(
        "count-zero-point-of-16-bit", .counts, "zero point", "1", "zero-point",
        faultBase(widths: [3, 3, 2], input: .sixteen, task: .multiclass)
      ) {
        $0.counts?[0].zeroPoint = 1
      },
      GoldenFault(
        name: "counts-too-few",
        error: .wrongSectionLength(.counts, stated: 40, expected: 44), status: "length",
        bytes: try {
          var sections = FaultySections(faultBase())
          sections[.counts].removeLast(20)
          return try sections.file()
        }()),
    ]
  }

  private static func selfTestFaults() throws -> [GoldenFault] {
    [
      try fieldFault(
        "selftest-without-vectors", .selfTest, "vectors", "0", "selftest", at: 0, UInt16(0)),
      try fieldFault(
        "selftest-padding-byte", .selfTest, "reserved byte", "1", "reserved", at: 11, UInt8(1)),
      try fault("selftest-65-vectors", .selfTest, "vectors", "65", "selftest") {
        $0.selfTests = [FlatImage.SelfTest](repeating: $0.selfTests[0], count: 65)
      },
      GoldenFault(
        name: "selftest-too-short",
        error: .wrongSectionLength(.selfTest, stated: 20, expected: 24), status: "length",
        bytes: try {
          var sections = FaultySections(faultBase())
          sections[.selfTest].removeLast(4)
          return try sections.file()
        }()),
    ]
  }
}
