// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQQuantize
import NNQQuantizeAware
import NNQTrain

extension Option {
  static let quantizeAware = Option(
    name: "--quantize-aware", kind: .value, metavar: "4|mixed|8",
    help: "Then train the integers of a model with weights of these bits: the codes move to where"
      + " the outputs, as the C runtime computes them, come closest to the float model's; quantize"
      + " without options makes just that model. With 4 bits it gained up to 4 dB on five"
      + " sensor tables; with 8 there is hardly a decision to win",
    allowed: ["4", "mixed", "8"], excludes: ["--check-gradients", "--overfit"])
}

/// The training of integers that was asked for; nil when none was.
func quantizeAware(
  _ arguments: ParsedArguments, _ settings: TrainingSettings
) throws(Failure) -> QuantizeAware? {
  guard let text = arguments.stringIfGiven("--quantize-aware"),
    let weights = QuantizationSettings.Weights(rawValue: text)
  else { return nil }
  do throws(QuantizeAwareError) {
    return try QuantizeAware(weights: weights, training: settings)
  } catch {
    throw Failure(error, in: "train")
  }
}

/// Trains the integers of a trained model, which becomes the float model that they stand for.
func tune(
  _ model: inout FloatModel, _ aware: QuantizeAware, on data: Dataset, _ console: Console
) throws -> QuantizeAwareSummary {
  var progress = Progress("pass", total: QuantizeAware.passes, on: console)
  let result = try aware.tune(model, on: data) { report in
    progress.update(report.pass, report.line)
    return true
  }
  progress.finish()
  model = result.model
  return QuantizeAwareSummary(
    result: result, weights: aware.weights,
    identity: try Model.int8(result.quantized).identity())
}

extension QuantizeAwareReport {
  /// What is said of a pass while it goes on.
  fileprivate var line: String {
    let metric = metric.map {
      "  \($0.name.rawValue) \(Format.significant($0.value, digits: 4))"
    }
    return "int8 \(decibels(sqnr))\(metric ?? "")"
  }

  fileprivate var json: JSON {
    [
      "pass": .integer(pass), "sqnr_db": JSON(sqnr),
      "validation_metric": metric.map {
        ["name": .string($0.name.rawValue), "value": .number($0.value)]
      } ?? .null,
    ]
  }
}

/// What `nnq train --quantize-aware` says of the integers.
struct QuantizeAwareSummary {
  let result: QuantizeAwareResult
  let weights: QuantizationSettings.Weights
  /// Of the int8 model.
  let identity: String

  /// `plain` is the model as quantize makes it of the float model, `best` what training made of it;
  /// both are measured on the rows held back, in the C runtime and against the float model.
  var json: JSON {
    [
      "weights": .string(weights.rawValue), "passes": .integer(result.passes),
      "plain": result.plain.json, "best": result.best.json, "int8_sha256": .string(identity),
    ]
  }

  var facts: [(name: String, value: String)] {
    let (plain, best) = (result.plain, result.best)
    var facts = [
      (
        "int8, \(weights.rawValue == "mixed" ? "4 and 8" : weights.rawValue)-bit weights",
        best.pass == 0
          ? "\(decibels(plain.sqnr)); none of \(result.passes) passes is better"
          : "\(decibels(best.sqnr)) in pass \(best.pass) of \(result.passes), before"
            + " \(decibels(plain.sqnr))"
      )
    ]
    if let before = plain.metric, let after = best.metric {
      facts.append(
        (
          "int8 validation \(after.name.rawValue)",
          "\(Format.significant(after.value, digits: 5)), before"
            + " \(Format.significant(before.value, digits: 5))"
        ))
    }
    return facts
  }
}

extension Failure {
  /// Why a model's integers cannot be trained, as a sentence.
  init(_ error: QuantizeAwareError, in path: String) {
    switch error {
    case .unsupported(let operation):
      self.init(
        .usage, "train: --quantize-aware trains dense layers alone, not \(operation.name)",
        hint: operation.cure.map { "leave \($0) out" })
    case .noRowsHeldBack:
      self.init(
        .usage, "train: --quantize-aware needs rows held back: they choose the best pass",
        hint: "leave --validation 0 out")
    case .training(let error): self.init(error, in: path)
    case .quantization(let error): self.init(error, in: path)
    }
  }
}

extension OperationKind {
  /// The option of train that brings the operation.
  fileprivate var cure: String? {
    switch self {
    case .dense: nil
    case .layerNorm: "--normalization layer"
    case .add: "--residual"
    case .gate: "--activation swiglu"
    }
  }
}
