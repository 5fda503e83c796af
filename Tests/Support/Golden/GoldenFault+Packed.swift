// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension GoldenFault {
  /// Faults in the sections of packed files.
  static func packedFaults() throws -> [GoldenFault] {
    try featureFaults() + taskFaults() + networkAndRowFaults() + presenceFaults()
  }

  private static func floatModel() -> FloatModel {
    sampleFloatModel(.binary, widths: [2, 2, 1], rows: 2, counted: true, seed: 7_600)
  }

  private static func regression() -> FloatModel {
    sampleFloatModel(.regression, widths: [2, 2, 2], rows: 2, seed: 7_601)
  }

  static func int8Model() throws -> Int8Model {
    guard
      case .int8(let model)? = GoldenModels.all().first(where: { $0.name == "int8-binary" })?.model
    else { preconditionFailure("the golden models have this one") }
    return model
  }

  /// The error that the change must be met with: the field and what is found there.
  private static func fault(
    _ name: String, _ section: SectionType, _ field: String, _ found: String, item: Int = 0,
    _ model: FloatModel = floatModel(), _ change: (inout FloatModel) -> Void
  ) throws -> GoldenFault {
    var model = model
    change(&model)
    return GoldenFault(
      name: name, error: .invalidField(section, field: field, index: item, found: found),
      status: "form", bytes: try FaultySections(model).file())
  }

  private static func raw(
    _ name: String, _ error: ModelFormatError, _ sections: FaultySections,
    _ change: (inout FaultySections) -> Void
  ) throws -> GoldenFault {
    var sections = sections
    change(&sections)
    return GoldenFault(name: name, error: error, status: "form", bytes: try sections.file())
  }

  private static func featureFaults() throws -> [GoldenFault] {
    let base = try FaultySections(floatModel())
    // u16 count, u16 0, u16 length, "sensor0", u16 length, "g", then the two flags.
    let name = 6
    let flags = name + 7 + 2 + 1
    return [
      try fault("scale-zero", .features, "scale", "0.0", item: 1) { $0.features[1].scale = 0 },
      try fault("scale-negative", .features, "scale", "-1.0") { $0.features[0].scale = -1 },
      try fault("scale-nan", .features, "scale", "nan") { $0.features[0].scale = .nan },
      try fault("offset-infinite", .features, "offset", "inf") {
        $0.features[0].offset = .infinity
      },
      try fault("name-twice", .features, "name", "sensor0", item: 1) {
        $0.features[1].name = "sensor0"
      },
      try fault("name-empty", .features, "name", "") { $0.features[0].name = "" },
      try fault("name-too-long", .features, "length of name", "4097") {
        $0.features[0].name = String(repeating: "x", count: 4097)
      },
      try fault("unit-per-count-zero", .features, "unit per count", "0.0") {
        $0.features[0].counts?.unitPerCount = 0
      },
      try fault("features-other-than-inputs", .features, "features", "3") {
        $0.features.append(Feature(name: "more"))
        $0.statistics = nil
        $0.calibration = nil
      },
      try raw(
        "not-utf8",
        .invalidField(.features, field: "name", index: 0, found: "bytes that are not text"), base
      ) {
        $0.put(UInt8(0xFF), in: .features, at: name)
      },
      try raw(
        "nul-in-name",
        .invalidField(.features, field: "name", index: 0, found: "bytes that are not text"), base
      ) {
        $0.put(UInt8(0), in: .features, at: name + 3)
      },
      try raw(
        "missing-values-2",
        .invalidField(.features, field: "missing values", index: 0, found: "2"), base
      ) {
        $0.put(UInt8(2), in: .features, at: flags)
      },
      try raw(
        "replacement-where-refused",
        .invalidField(.features, field: "replacement", index: 0, found: "0.01"), base
      ) {
        $0.put(UInt8(0), in: .features, at: flags)
      },
      try raw(
        "name-past-end",
        .wrongSectionLength(
          .features, stated: base[.features].count, expected: name + 4096), base
      ) {
        $0.put(UInt16(4096), in: .features, at: name - 2)
      },
    ]
  }

  private static func taskFaults() throws -> [GoldenFault] {
    let base = try FaultySections(floatModel())
    return [
      try fault("label-twice", .task, "label", "faulty", item: 1) {
        $0.task.labels = ["faulty", "faulty"]
      },
      try fault("label-empty", .task, "label", "") { $0.task.labels[0] = "" },
      try fault("label-missing", .task, "counts for binary", "1, 1, 1") {
        $0.task.labels.removeLast()
      },
      try fault("threshold-above-1", .task, "threshold", "1.5") {
        $0.task.thresholds = [1.5]
      },
      try fault("threshold-nan", .task, "threshold", "nan") { $0.task.thresholds = [.nan] },
      try fault("target-twice", .task, "target", "target0", item: 1, regression()) {
        $0.task.targets[1] = "target0"
      },
      try fault("target-scale-zero", .task, "target scale", "0.0", item: 1, regression()) {
        $0.task.targetScaling[1].scale = 0
      },
      try fault("task-other-than-outputs", .task, "outputs", "1") {
        $0.task = ModelTask(kind: .multiclass, targets: ["label"], labels: ["a", "b", "c"])
      },
      try raw(
        "packed-unknown-task", .invalidField(.task, field: "task", index: 0, found: "0"), base
      ) {
        $0.put(UInt8(0), in: .task, at: 0)
      },
      try raw(
        "task-of-image-differs",
        .invalidField(.task, field: "task", index: 0, found: "regression"),
        try FaultySections(int8Model())
      ) {
        $0[.task] =
          [4, 0, 1, 0, 0, 0, 0, 0] + [1, 0, 0x79] + [UInt8](repeating: 0, count: 14)
          + [0xF0, 0x3F]
      },
    ]
  }

  private static func networkAndRowFaults() throws -> [GoldenFault] {
    let base = try FaultySections(floatModel())
    let int8 = try int8Model()
    var noInverse = int8
    noInverse.input[2].inverseScale = 0
    var noScale = int8
    noScale.tensors[1].scale = 0
    var damagedInside = try FaultySections(int8)
    let image = damagedInside[.image]
    damagedInside[.image] = image.replacing(image.count - 1, with: image[image.count - 1] ^ 0x80)
    let damaged = damagedInside[.image]
    return [
      try fault("float-nan-weight", .floatNetwork, "weight", "nan", item: 1) {
        $0.layers[1].weights[0] = .nan
      },
      try fault("float-infinite-bias", .floatNetwork, "bias", "-inf") {
        $0.layers[0].bias[1] = -.infinity
      },
      try raw(
        "float-zero-inputs", .invalidField(.floatNetwork, field: "inputs", index: 0, found: "0"),
        base
      ) {
        $0.put(UInt16(0), in: .floatNetwork, at: 0)
      },
      try raw(
        "float-layer-dimension-mismatch",
        .invalidField(.floatNetwork, field: "layer inputs", index: 1, found: "3"), base
      ) {
        $0.put(UInt16(3), in: .floatNetwork, at: 8 + 8 + 4)
      },
      try raw(
        "float-size-overflow",
        .wrongSectionLength(
          .floatNetwork, stated: base[.floatNetwork].count, expected: 24 + 65_535 * 65_535 * 4),
        base
      ) {
        $0.put(UInt16.max, in: .floatNetwork, at: 0)
        $0.put(UInt16.max, in: .floatNetwork, at: 12)
        $0.put(UInt16.max, in: .floatNetwork, at: 14)
        $0.put(UInt16.max, in: .floatNetwork, at: 20)
      },
      try raw(
        "inverse-scale-zero",
        .invalidField(.quantization, field: "inverse scale", index: 2, found: "0.0"),
        try FaultySections(noInverse)
      ) { _ in },
      try raw(
        "tensor-scale-zero", .invalidField(.quantization, field: "scale", index: 1, found: "0.0"),
        try FaultySections(noScale)
      ) { _ in },
      try raw(
        "image-inside-damaged",
        .checksumMismatch(
          stored: Envelope.word(damaged, at: 12),
          computed: crc32c(damaged[..<12] + damaged[16...])), damagedInside
      ) { _ in },
      try fault("calibration-513-rows", .calibration, "rows", "513") {
        $0.calibration = CalibrationRows(
          rows: 513, readings: [Float](repeating: 1, count: 1026),
          targets: [Float](repeating: 0, count: 513))
      },
      try fault("calibration-nan", .calibration, "reading", "nan", item: 1) {
        $0.calibration?.readings[3] = .nan
      },
      try raw(
        "calibration-no-rows", .invalidField(.calibration, field: "rows", index: 0, found: "0"),
        base
      ) {
        $0.put(UInt16(0), in: .calibration, at: 0)
      },
      try fault("quantiles-descending", .statistics, "quantiles", "[2.0, 1.0]", item: 1) {
        $0.statistics = FeatureStatistics(probabilities: [0, 1], quantiles: [[1, 2], [2, 1]])
      },
      try fault("probabilities-descending", .statistics, "probabilities", "[0.0, 0.5, 0.5, 1.0]") {
        $0.statistics = FeatureStatistics(
          probabilities: [0, 0.5, 0.5, 1], quantiles: [[1, 2, 3, 4], [1, 2, 3, 4]])
      },
      try raw(
        "provenance-out-of-order",
        .invalidField(.provenance, field: "key", index: 1, found: "a"), base
      ) {
        $0[.provenance] = [2, 0, 1, 0, 0x62, 0, 0, 1, 0, 0x61, 0, 0]
      },
      try raw(
        "provenance-empty", .invalidField(.provenance, field: "pairs", index: 0, found: "0"), base
      ) {
        $0[.provenance] = [0, 0]
      },
    ]
  }

  /// Sections that must be there, or must not.
  private static func presenceFaults() throws -> [GoldenFault] {
    let float = try FaultySections(floatModel())
    let int8 = try FaultySections(int8Model())
    return [
      try raw("image-and-float-network", .unexpectedSection(.floatNetwork), int8) {
        $0[.floatNetwork] = float[.floatNetwork]
      },
      try raw("calibration-on-int8", .unexpectedSection(.calibration), int8) {
        $0[.calibration] = float[.calibration]
      },
      try raw("quantization-on-float", .unexpectedSection(.quantization), float) {
        $0[.quantization] = int8[.quantization]
      },
      try raw("no-network", .missingSection(.image), float) { $0.remove(.floatNetwork) },
      try raw("features-missing", .missingSection(.features), float) { $0.remove(.features) },
      try raw("task-missing", .missingSection(.task), float) { $0.remove(.task) },
      try raw("quantization-missing", .missingSection(.quantization), int8) {
        $0.remove(.quantization)
      },
      try raw("image-section-in-packed", .unexpectedSection(.network), float) {
        $0[.network] = [1, 2, 3]
      },
      try raw("packed-unknown-section", .unknownSection(type: 0x0119), float) {
        $0.sections.insert(Section(type: 0x0119, payload: []), at: 3)
      },
      try raw("packed-section-twice", .sectionOutOfOrder(type: 0x0110), float) {
        $0.sections.insert($0.sections[1], at: 1)
      },
    ]
  }
}
