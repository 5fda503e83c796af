// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQRuntime

/// The search for a recipe under a budget: `--fit` and `--max-drop`.
struct QuantizeBudget {
  let front: RecipeFront
  let chosen: RecipeFront.Point?
  private let names: [String]

  /// Nil when the user set no budget.
  init?(
    _ arguments: ParsedArguments, _ model: FloatModel, _ settings: QuantizationSettings,
    _ calibration: CalibrationRows?, path: String
  ) throws(Failure) {
    let limit = try arguments.fractionIfGiven("--max-drop")
    guard arguments.isGiven("--fit") || limit != nil else { return nil }
    let budget = try Self.budget(arguments)
    var open = settings
    // Under a budget every width that the user did not fix is open.
    if !arguments.isGiven("--weights") { open.weights = .mixed }
    let front = try naming(path) {
      try RecipeFront(model, open, calibration: calibration) { image throws(QuantizationError) in
        do {
          return try FirmwareRuntime(image: try image.serialized(), kernel: .scalar).ramBytes
        } catch let error as ModelFormatError {
          throw .format(error)
        } catch {
          throw .refused
        }
      }
    }
    self.front = front
    chosen = limit.map { front.smallest(losing: $0) } ?? front.best(within: budget)
    names = model.layers.enumerated().map { "\($1.operation.kind.name)\($0)" }
  }

  /// `flash=16K,ram=2K,macs=100K`, with K of 1024 bytes (1000 macs) and M.
  private static func budget(_ arguments: ParsedArguments) throws(Failure) -> RecipeFront.Budget {
    var budget = RecipeFront.Budget()
    for (name, text) in try arguments.assignments("--fit") {
      let unit = name == "macs" ? 1000.0 : 1024
      let factor = text.hasSuffix("K") ? unit : text.hasSuffix("M") ? unit * unit : 1
      let digits = factor == 1 ? text[...] : text.dropLast()
      guard let number = Double(digits), number >= 0, number * factor <= 0x1p40 else {
        throw arguments.bad("--fit", text, "is no size", hint: "for example flash=16K,ram=2K")
      }
      let size = Int((number * factor).rounded(.down))
      switch name {
      case "flash": budget.flashBytes = size
      case "ram": budget.ramBytes = size
      case "macs": budget.macs = size
      default:
        throw arguments.bad("--fit", name, "is no budget", hint: "one of flash, ram, macs")
      }
    }
    return budget
  }

  func text(style: Style) -> String {
    var table = Table([
      .text(""), .number("flash"), .number("RAM"), .number("loss"), .number("SQNR"),
      .text("recipe"),
    ])
    for point in front.points {
      table.add([
        point == chosen ? "*" : "", Format.bytes(point.flashBytes), Format.bytes(point.ramBytes),
        Format.percent(point.heldBack.loss), decibels(point.heldBack.sqnr),
        RecipeWords(point.recipe, names: names).short,
      ])
    }
    return table.text(style: style)
  }

  /// The one object that is printed where no recipe keeps within the budget.
  var unmetJSON: JSON { .answer(["output": .null, "recipe": .null, "front": json]) }

  var json: JSON {
    .array(
      front.points.map { point in
        [
          "flash_bytes": .integer(point.flashBytes), "ram_bytes": .integer(point.ramBytes),
          "loss": .number(point.heldBack.loss), "sqnr_db": JSON(point.heldBack.sqnr),
          "recipe": QuantizationSummary.json(point.recipe),
          "chosen": .boolean(point == chosen),
        ]
      })
  }
}
