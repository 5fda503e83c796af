// SPDX-License-Identifier: Apache-2.0
import NNQCertify
import NNQFormat
import NNQWords

extension CertificateResult {
  var json: JSON {
    .answer([
      "model": .string(path), "float": .string(floatPath), "held": .boolean(isHeld),
      "written": JSON(writtenPath),
      "fault": JSON(fault.map { $0.words(self) }),
      "hint": JSON(fault?.hint),
      "box": .array(
        zip(model.features, zip(box.ranges, box.sources)).map { feature, range in
          [
            "name": .string(feature.name), "lowest": .float(range.0.lowerBound),
            "highest": .float(range.0.upperBound), "source": .string(range.1.rawValue),
          ]
        }),
      "central": JSON(box.central),
      "layers": .array(certificate.layers.indices.map(layerJSON)),
      "outputs": .array(
        certificate.outputs.enumerated().map { index, output in
          [
            "name": .string(outputName(index)),
            "lowest_code": .integer(Int(output.codes.lowerBound)),
            "highest_code": .integer(Int(output.codes.upperBound)),
            "error_bound": .number(output.error),
          ]
        }),
      "loosest_layer": .string(layerName(loosestLayer)),
      "affine_layers": .integer(certification.affineLayers),
      "safe_margin": JSON(safeMargin),
      "attack": tried.map { tried in
        [
          "inputs": .integer(tried.inputs),
          "largest_share": .number(tried.shares.max() ?? 0),
          "broken": .boolean(tried.breach != nil),
        ]
      } ?? .null,
    ])
  }

  private func layerJSON(_ index: Int) -> JSON {
    let (layer, values) = (certificate.layers[index], values(ofLayer: index))
    return [
      "index": .integer(index), "name": .string(layerName(index)),
      "accumulator_bound": .integer(Int(layer.accumulator)),
      "lowest_code": .integer(Int(layer.codes.lowerBound)),
      "highest_code": .integer(Int(layer.codes.upperBound)),
      "lowest": .number(values.lowest), "highest": .number(values.highest),
      "error_bound": .number(layer.error), "loosest_output": .integer(layer.loosest),
      "largest_error": JSON(tried?.errors[index]),
      "largest_share": JSON(tried?.shares[index]),
    ]
  }

  func text(style: Style) -> String {
    var table = Table(
      [
        .text("layer"), .number("accumulator <="), .number("codes"), .number("values"),
        .number("|float - int8| <="), .number("of the values"),
      ] + (tried == nil ? [] : [.number("largest found")]))
    for (index, layer) in certificate.layers.enumerated() {
      let values = values(ofLayer: index)
      var cells = [
        layerName(index), "\(layer.accumulator)",
        "\(layer.codes.lowerBound) to \(layer.codes.upperBound)",
        "\(Format.significant(values.lowest, digits: 4)) to "
          + Format.significant(values.highest, digits: 4),
        Format.significant(layer.error, digits: 4), Format.percent(share(ofLayer: index)),
      ]
      if let tried { cells.append(Format.significant(tried.errors[index], digits: 4)) }
      table.add(cells)
    }
    return table.text(style: style) + "\n" + outputTable.text(style: style)
      + sentences.map { "\(printable($0))\n" }.joined()
  }

  private var outputTable: Table {
    var table = Table([.text("output"), .number("codes"), .number("|float - int8| <=")])
    let shown = 20
    for (index, output) in certificate.outputs.prefix(shown).enumerated() {
      table.add([
        outputName(index), "\(output.codes.lowerBound) to \(output.codes.upperBound)",
        Format.significant(output.error, digits: 4),
      ])
    }
    if certificate.outputs.count > shown {
      table.add(["and \(certificate.outputs.count - shown) more (--json has all)", "", ""])
    }
    return table
  }

  private var sentences: [String] {
    let loosest = certificate.layers[loosestLayer]
    var lines = [
      "\(layerName(loosestLayer)) is the loosest: its unit \(loosest.loosest) may be off by "
        + "\(Format.significant(loosest.error, digits: 4)), \(Format.percent(share(ofLayer: loosestLayer)))"
        + " of the layer's values"
    ]
    if let margin = safeMargin.map({ Format.significant($0, digits: 4) }) {
      lines.append(
        model.task.kind == .multiclass
          ? "a class that wins by more than \(margin) in the float model wins in the int8 model"
          : "a logit further than \(margin) from its threshold in the float model decides the same"
            + " in the int8 model")
    }
    lines.append("holds for every row inside the box: \(boxWords)")
    if certification.affineLayers < certificate.layers.count {
      lines.append(
        "from \(layerName(certification.affineLayers)) on by intervals alone: too many units for"
          + " affine arithmetic")
    }
    if let tried {
      lines.append(
        tried.breach.map {
          "BROKEN: output \($0.output) of layer \($0.layer) is off by "
            + "\($0.error) at \($0.readings.prefix(64).map { "\($0)" }.joined(separator: ","))"
        }
          ?? "\(tried.inputs) rows tried: none breaks a bound, the worst output reaches "
          + "\(Format.percent(tried.shares.last ?? 0)) of its own")
    }
    if let fault {
      lines.append("\(path): the certificate does not hold: \(fault.words(self))")
      if let hint = fault.hint { lines.append("hint: \(hint)") }
    } else if isChecked {
      lines.append("\(path): every claim of its certificate is proved")
    }
    if let writtenPath { lines.append("\(writtenPath): certified") }
    return lines
  }

  private var boxWords: String {
    let found = ReadingBox.Source.allCases.filter(box.sources.contains)
    let share = box.central ?? 1
    let ends =
      share < 1
      ? "at least the middle \(Format.percent(share)) of each feature in" : "least to greatest of"
    return found.map { source in
      let count = box.sources.count { $0 == source }
      let words =
        switch source {
        case .counts: "declared sensor counts"
        case .training: "\(ends) all training rows"
        case .calibration: "\(ends) the calibration rows"
        case .codes: "readings that have an input code"
        case .rows: "\(ends) the rows given"
        case .certificate: "that of the certificate"
        }
      return found.count == 1 ? words : "\(words) (\(count) features)"
    }.joined(separator: ", ")
  }
}

extension CertificateFault {
  /// What may be otherwise than when the certificate was made.
  fileprivate var hint: String? {
    switch self {
    case .otherFloatModel, .otherImage: nil
    case .codes, .outputCodes, .error, .outputError, .loosest:
      "made with more --parts? give --parts N"
    }
  }

  /// What does not follow, in words.
  func words(_ result: CertificateResult) -> String {
    words(layer: result.layerName, output: result.outputName)
  }

  func words(layer: (Int) -> String, output: (Int) -> String) -> String {
    switch self {
    case .otherFloatModel: "it is about another float model"
    case .otherImage: "it is about another image"
    case .codes(let index, let claimed, let proved):
      "\(layer(index)) is claimed to hand on \(claimed.words), proved is \(proved.words)"
    case .outputCodes(let index, let claimed, let proved):
      "output \(quoted(output(index))) is claimed to be \(claimed.words), proved is \(proved.words)"
    case .error(let index, let claimed, let proved):
      "\(layer(index)) is claimed to be off by at most \(claimed), proved is \(proved)"
    case .outputError(let index, let claimed, let proved):
      "output \(quoted(output(index))) is claimed to be off by at most \(claimed), proved is"
        + " \(proved)"
    case .loosest(let index, let claimed, let proved):
      "\(layer(index)) is claimed to be loosest at unit \(claimed), proved is unit \(proved)"
    }
  }
}

extension ClosedRange<Int16> {
  fileprivate var words: String { "codes \(lowerBound) to \(upperBound)" }
}
