// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Inspection {
  var json: JSON {
    .answer([
      "kind": .string(kind),
      "task": .string(task.name),
      "version": .integer(1),
      "layers": .array(
        layers.map {
          [
            "op": .string($0.operation.name), "inputs": .integer($0.inputs),
            "outputs": .integer($0.outputs),
            "weight_bits": JSON($0.weightBits), "activation": .string($0.activation.name),
          ]
        }),
      "parameters": .integer(parameters),
      "macs": .integer(macs),
      "flat_bytes": JSON(flatBytes),
      "file_bytes": .integer(fileBytes),
      "ram_bytes": JSON(ramBytes),
      "features": .array(features.map(\.json)),
      "categories": .object(categories.map { (key: $0.column, value: JSON($0.values)) }),
      "targets": JSON(targets),
      "labels": JSON(labels),
      "thresholds": JSON(thresholds),
      "calibration_rows": .integer(calibrationRows),
      "provenance": .object(provenanceLines.map { (key: $0.key, value: .string($0.value)) }),
      "certificate": certificate.map {
        [
          "error_bound": JSON($0.layers.last?.error),
          "layers": .array($0.layers.map { .number($0.error) }),
        ]
      } ?? .null,
      "sha256": .string(identity),
      "image_sha256": JSON(imageIdentity),
    ])
  }

  func text(style: Style) -> String {
    var facts = Table([.text(""), .text("")])
    facts.add(["model", path])
    facts.add(["kind", "\(kind), \(task.name), format version 1"])
    facts.add(["parameters", "\(parameters) (\(macs) multiplications an inference)"])
    facts.add(["file", Format.bytes(fileBytes)])
    if let flatBytes { facts.add(["flat image", Format.bytes(flatBytes)]) }
    if let ramBytes {
      facts.add(["RAM", "\(Format.bytes(ramBytes)) for codes in, out and between"])
    }
    if !targets.allSatisfy(\.isEmpty) { facts.add(["targets", listed(targets)]) }
    if !labels.isEmpty { facts.add(["labels", listed(labels)]) }
    if !thresholds.isEmpty {
      facts.add(["thresholds", listed(thresholds.map { "\($0)" })])
    }
    for (column, values) in categories {
      facts.add(["categories", "\(column): \(listed(values))"])
    }
    if calibrationRows > 0 { facts.add(["calibration", "\(calibrationRows) rows"]) }
    if let bound = certificate?.layers.last?.error {
      facts.add([
        "certificate",
        "outputs within \(Format.significant(bound, digits: 4)) of the float model's inside its box",
      ])
    }
    for (key, value) in provenanceLines { facts.add([key, value]) }
    facts.add(["sha256", identity])
    if let imageIdentity { facts.add(["image sha256", imageIdentity]) }

    var table = Table([
      .text("layer"), .number("inputs"), .number("outputs"), .number("weight bits"),
      .text("activation"),
    ])
    for (index, layer) in layers.enumerated() {
      table.add([
        "\(layer.operation.name)\(index)", "\(layer.inputs)", "\(layer.outputs)",
        layer.weightBits.map { "\($0)" } ?? "",
        layer.activation.name,
      ])
    }
    return facts.text(style: style) + "\n" + table.text(style: style)
      + (features.isEmpty ? "" : "\n" + featureTable.text(style: style))
  }

  private var featureTable: Table {
    var table = Table([
      .text("feature"), .text("unit"), .number("mean"), .number("scale"), .text("missing"),
      .text("counts"),
    ])
    for feature in features.prefix(shown) {
      table.add([
        feature.name, feature.unit, Format.significant(feature.offset, digits: 6),
        Format.significant(feature.scale, digits: 6),
        feature.replacement.map { Format.significant($0, digits: 6) } ?? "refused",
        feature.counts.map {
          "\($0.unitPerCount) a count, \($0.range.lowerBound)..\($0.range.upperBound)"
        } ?? "",
      ])
    }
    if features.count > shown {
      table.add(["and \(features.count - shown) more (--json has all)", "", "", "", "", ""])
    }
    return table
  }
}

/// So many entries of a list are for people; a program asks for JSON.
private let shown = 40

private func listed(_ texts: [String]) -> String {
  let rest = texts.count - shown
  return texts.prefix(shown).joined(separator: ", ")
    + (rest > 0 ? " and \(rest) more (--json has all)" : "")
}

extension Feature {
  fileprivate var json: JSON {
    [
      "name": .string(name), "unit": .string(unit), "offset": .number(offset),
      "scale": .number(scale), "replacement": JSON(replacement),
      "counts": counts.map {
        [
          "unit_per_count": .number($0.unitPerCount), "zero_value": .number($0.zeroValue),
          "minimum": .integer(Int($0.range.lowerBound)),
          "maximum": .integer(Int($0.range.upperBound)),
        ]
      } ?? .null,
    ]
  }
}
