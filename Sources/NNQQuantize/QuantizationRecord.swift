// SPDX-License-Identifier: Apache-2.0
import NNQFiles
public import NNQFormat

/// How a model was quantized, as one line of its provenance: with the same float model and rows it
/// gives the same bytes again.
public struct QuantizationRecord: Equatable, Sendable {
  public var settings: QuantizationSettings
  public var recipe: Recipe
  public var rows: Int

  /// The provenance's key.
  public static let key = "quantize"
  /// The provenance's key of what the calibration rows were.
  public static let rowsKey = "calibration-sha256"

  init(settings: QuantizationSettings, recipe: Recipe, rows: Int) {
    self.settings = settings
    self.recipe = recipe
    self.rows = rows
  }

  /// How a float model is meant to be quantized; nil where its training did not say.
  public init?(trainedFor model: FloatModel) {
    guard let line = model.provenance[Self.key] else { return nil }
    self.init(line, layers: model.layers.count)
  }

  var line: String {
    let wide = recipe.wideLayers.map(String.init).joined(separator: "+")
    let four = recipe.weights.indices.filter { recipe.weights[$0] == .four }
      .map(String.init).joined(separator: "+")
    return "input=\(recipe.inputWidth.rawValue) input-scale=\(recipe.inputScale.rawValue) "
      + "wide=\(wide.isEmpty ? "none" : wide) four=\(four.isEmpty ? "none" : four) "
      + "output=\(recipe.outputWidth.rawValue) weight-scales=\(settings.weightScales.rawValue) "
      + "rounding=\(settings.rounding.rawValue) "
      + "bias=\(settings.correctsBias ? "corrected" : "kept") "
      + "errors=\(settings.carriesErrors ? "carried" : "left") "
      + "output-descent=\(settings.descendsOnOutput ? "on" : "off") "
      + "tables=\(settings.takesFineTables ? "fine" : "coarse") "
      + "calibration=\((settings.ranges == .auto ? .margin : settings.ranges).rawValue) rows=\(rows)"
      + (settings.margin.map { " margin=\($0)" } ?? "")
      + (settings.equalization == .none ? "" : " equalize=\(settings.equalization.rawValue)")
      + (settings.prunes ? " prune=on" : "")
  }

  /// Reads the line of a model with so many layers; nil when it is none that this version writes.
  public init?(_ line: String, layers: Int) {
    var pairs: [String: String] = [:]
    for pair in line.split(separator: " ") {
      guard let equals = pair.firstIndex(of: "=") else { return nil }
      pairs[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    func width(_ key: String) -> CodeWidth? {
      pairs[key].flatMap { UInt8($0) }.flatMap(CodeWidth.init(rawValue:))
    }
    func list(_ key: String) -> [Int]? {
      guard let text = pairs[key] else { return nil }
      if text == "none" { return [] }
      let items = text.split(separator: "+").map { Int($0) ?? -1 }
      return items.allSatisfy { (0..<layers).contains($0) } ? items : nil
    }
    guard layers > 0, let inputWidth = width("input"), let outputWidth = width("output"),
      let scale = pairs["input-scale"].flatMap(QuantizationSettings.InputScale.init(rawValue:)),
      scale != .auto, let wide = list("wide"), let four = list("four"),
      let rounding = pairs["rounding"].flatMap(QuantizationSettings.Rounding.init(rawValue:)),
      let ranges = pairs["calibration"].flatMap(QuantizationSettings.Ranges.init(rawValue:)),
      let weightScales = pairs["weight-scales"]
        .flatMap(QuantizationSettings.WeightScales.init(rawValue:)),
      let bias = pairs["bias"], let errors = pairs["errors"],
      let descent = pairs["output-descent"], let tables = pairs["tables"],
      let rows = pairs["rows"].flatMap({ Int($0) }),
      // What lines leave out is off.
      let equalization = QuantizationSettings.Equalization(rawValue: pairs["equalize"] ?? "0"),
      equalization != .auto
    else { return nil }
    settings = QuantizationSettings()
    if let text = pairs["margin"] {
      guard let margin = Double(text), QuantizationSettings.margins.contains(margin) else {
        return nil
      }
      settings.margin = margin
    }
    settings.rounding = rounding
    settings.weightScales = weightScales
    settings.ranges = ranges
    settings.correctsBias = bias == "corrected"
    settings.carriesErrors = errors == "carried"
    settings.descendsOnOutput = descent == "on"
    settings.takesFineTables = tables == "fine"
    settings.equalization = equalization
    settings.prunes = pairs["prune"] == "on"
    settings.outputWidth = outputWidth
    recipe = Recipe(
      inputScale: scale, inputWidth: inputWidth,
      activations: (0..<layers).map {
        $0 == layers - 1 ? outputWidth : wide.contains($0) ? .sixteen : .eight
      },
      weights: (0..<layers).map { four.contains($0) ? .four : .eight })
    self.rows = rows
  }
}

extension CalibrationRows {
  /// The SHA-256 of the readings' binary32 bits, little-endian, row by row.
  public var readingsIdentity: String {
    var hash = SHA256()
    for start in stride(from: 0, to: readings.count, by: 1 << 14) {
      let words = readings[start..<min(start + (1 << 14), readings.count)].map {
        $0.bitPattern.littleEndian
      }
      unsafe words.withUnsafeBytes { bytes in
        unsafe hash.update(bytes.bindMemory(to: UInt8.self).span)
      }
    }
    return hash.hex()
  }
}
