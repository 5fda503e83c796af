// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What recipes cost in a device and what they lose.
public struct RecipeFront: Sendable {
  public struct Point: Equatable, Sendable {
    public var recipe: Recipe
    public var heldBack: HeldBack
    /// The bytes of the flat image, its self-test included.
    public var flashBytes: Int
    /// What `ramBytes(of:)` says of the image.
    public var ramBytes: Int
  }

  /// What a device has; nil is no limit.
  public struct Budget: Equatable, Sendable {
    public var flashBytes: Int?
    public var ramBytes: Int?
    /// Multiplications of one inference; no recipe changes them.
    public var macs: Int?

    public init(flashBytes: Int? = nil, ramBytes: Int? = nil, macs: Int? = nil) {
      self.flashBytes = flashBytes
      self.ramBytes = ramBytes
      self.macs = macs
    }
  }

  /// The points that no other is better than in bytes and in loss, by ascending flash.
  public let points: [Point]
  /// Multiplications of one inference.
  public let macs: Int

  /// Half of the calibration rows are held back at a time: a front has many points.
  private static let folds = 2

  /// Measures recipes from the cheapest to the finest: each input and each ranking of layers by what
  /// 16-bit codes gain and what 4-bit weights cost.
  ///
  /// - Parameter ramBytes: the RAM that an image needs.
  /// - Throws: ``QuantizationError``.
  public init(
    _ model: FloatModel, _ settings: QuantizationSettings, calibration: CalibrationRows? = nil,
    ramBytes: (FlatImage) throws(QuantizationError) -> Int
  ) throws(QuantizationError) {
    guard let rows = calibration ?? model.calibration else { throw .noCalibrationRows }
    guard !model.layers.isEmpty else { throw .noLayers }
    let shaped = try model.pruned(as: settings, rows)
    let model = shaped.equalized(settings.equalization)
    let pass = try CalibrationPass(model, rows)
    if let blindness = Blindness(pass, given: rows.rows) { throw .blind(blindness) }
    let folds = Folds(model, pass, count: Self.folds)
    let search = Folds(model, pass)
    macs = model.layers.reduce(0) { $0 + $1.weights.count }
    var points: [Point] = []
    for recipe in try Self.recipes(model, search, settings) {
      var sized = try Candidate(model, search.rows, settings, recipe, rounding: .nearest)
      sized.image.selfTests = selfTests(sized)
      let flash: Int
      do throws(ModelFormatError) {
        flash = try sized.image.serialized().count
      } catch {
        throw .format(error)
      }
      points.append(
        Point(
          recipe: recipe,
          heldBack: try HeldBack(
            model, folds, settings, recipe, rounding: settings.rounding(toJudge: recipe)),
          flashBytes: flash, ramBytes: try ramBytes(sized.image)))
    }
    self.points = Self.undominated(points)
  }

  /// The point with the least loss that fits, the smaller one of equals; nil where none does.
  public func best(within budget: Budget) -> Point? {
    guard macs <= budget.macs ?? .max else { return nil }
    return points.filter {
      $0.flashBytes <= budget.flashBytes ?? .max && $0.ramBytes <= budget.ramBytes ?? .max
    }.reduce(nil) { best, next in
      best.map { $0.heldBack.loss <= next.heldBack.loss ? $0 : next } ?? next
    }
  }

  /// The point with the fewest bytes of flash and RAM that loses at most so much; nil where none does.
  public func smallest(losing share: Double) -> Point? {
    points.filter { $0.heldBack.loss <= share }.reduce(nil) { best, next in
      best.map {
        $0.flashBytes + $0.ramBytes <= next.flashBytes + next.ramBytes ? $0 : next
      } ?? next
    }
  }

  // MARK: - The recipes

  private static func recipes(
    _ model: FloatModel, _ folds: Folds, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> [Recipe] {
    let inputs = settings.inputWidth.fixed.map { [$0] } ?? [.eight, .sixteen]
    var recipes: [Recipe] = []
    for width in inputs {
      var fixed = settings
      fixed.inputWidth = width == .eight ? .eight : .sixteen
      fixed.activations = .eight
      let narrow = try RecipeChoice(model, folds, fixed).recipe
      var bases = [narrow]
      if settings.activations != .eight, model.layers.count > 1 {
        let ranked = try narrow.layersByGainOfSixteenBits(model, folds.rows, settings)
        // None, the one that gains most, half and all: a front of every count has little more.
        for count in Set([1, (ranked.count + 1) / 2, ranked.count]).sorted() {
          var wide = narrow
          for layer in ranked.prefix(count) { wide.activations[layer] = .sixteen }
          bases.append(wide)
        }
        if settings.activations == .sixteen { bases.removeFirst(bases.count - 1) }
      }
      let four =
        settings.weights == .eight
        ? [] : try narrow.layersByCostOfFourBits(model, folds.rows, settings)
      for base in bases {
        if settings.weights != .four || four.isEmpty { recipes.append(base) }
        for count in settings.weights == .four ? four.count...four.count : 1...max(four.count, 1)
        where count <= four.count {
          var mixed = base
          for layer in four.prefix(count) { mixed.weights[layer] = .four }
          recipes.append(mixed)
        }
      }
    }
    return recipes
  }

  private static func undominated(_ points: [Point]) -> [Point] {
    points.enumerated().filter { index, point in
      !points.enumerated().contains { other, better in
        let isNoWorse =
          better.flashBytes <= point.flashBytes && better.ramBytes <= point.ramBytes
          && better.heldBack.loss <= point.heldBack.loss
        let isEqual =
          better.flashBytes == point.flashBytes && better.ramBytes == point.ramBytes
          && better.heldBack.loss == point.heldBack.loss
        return isNoWorse && (!isEqual || other < index)
      }
    }.map(\.element).sorted {
      ($0.flashBytes, $0.heldBack.loss) < ($1.flashBytes, $1.heldBack.loss)
    }
  }
}
