// SPDX-License-Identifier: Apache-2.0

/// Which columns of a table are wanted, by name.
public enum ColumnSelection: Equatable, Sendable {
  /// For a model that is yet to be trained: every column that is not named here is a feature, but
  /// for those whose names start with `label` or `target`, whatever the case.
  ///
  /// Without names of `targets` those are the targets; with names the others are left out. The
  /// `group` is handed back as labels. A feature column becomes one feature a value, 0 or 1, where
  /// it is named as `categorical`, or where its first cell is text.
  case training(
    targets: [String] = [], group: String? = nil, excluded: [String] = [],
    categorical: [String] = [], requiresTarget: Bool = true)

  /// For a model that exists: its features in its order; the order in the file does not matter.
  ///
  /// A feature named `COLUMN=VALUE` that is no column of the file is found out from the column, where
  /// that is there and no feature itself: see ``CategoryColumn``.
  ///
  /// A target may be absent unless targets are required; an ignored column, and one that is named
  /// like a target, may be there or not. The `group` may be a feature or a target too.
  case model(
    features: [String], targets: [String] = [], requiresTargets: Bool = false,
    ignored: [String] = [], group: String? = nil)
}

/// Which columns of a file play which part.
public struct ColumnRoles: Sendable {
  /// The most features: the inputs of the largest model.
  public static let mostFeatures = 65_535

  /// The names of the features in the order in which readings are handed over.
  public private(set) var featureNames: [String] = []
  /// The column of each feature in the file, from 0.
  public private(set) var features: [Int]
  /// The columns of categories that a model's features stand for.
  public private(set) var categories: [CategoryColumn] = []
  /// The features that are not of those.
  private(set) var numbers: [Int] = []
  /// The columns of categories for training, which are no ``features`` then.
  private(set) var gathered: [CategoryGathering] = []
  /// The columns of the targets in the file, from 0.
  public private(set) var targets: [Int]
  /// The column of the group in the file, from 0.
  public private(set) var group: Int?
  /// Columns named like a target that were not asked for: neither features nor targets.
  public private(set) var leftOut: [String] = []

  /// Finds the parts of the columns that `header` names, each once.
  ///
  /// - Throws: ``DataError`` that names a column which is missing or not known.
  public init(
    header: [String], selection: ColumnSelection, file: String
  ) throws(DataError) {
    var columns: [String: Int] = [:]
    for (index, name) in header.enumerated() { columns[name] = index }

    func find(_ names: [String]) throws(DataError) -> [Int] {
      var found: [Int] = []
      for name in names {
        guard let column = columns[name] else { throw .missingColumn(file: file, column: name) }
        if found.contains(column) { throw .duplicateColumn(file: file, column: name) }
        found.append(column)
      }
      return found
    }

    switch selection {
    case .training(let named, let groupName, let excluded, let categorical, let requiresTarget):
      if let groupName { group = try find([groupName])[0] }
      var taken = Set(try find(excluded))
      if let group { taken.insert(group) }
      if named.isEmpty {
        targets = header.indices.filter { Self.isTarget(header[$0]) && !taken.contains($0) }
      } else {
        targets = try find(named)
      }
      if requiresTarget, targets.isEmpty { throw .noTargetColumn(file: file) }
      taken.formUnion(targets)
      // Another answer would give the asked one away: a target that is not asked for is no feature.
      let rest = header.indices.filter { !taken.contains($0) }
      features = rest.filter { !Self.isTarget(header[$0]) }
      leftOut = rest.map { header[$0] }.filter(Self.isTarget)
      let named = try find(categorical)
      if let other = named.first(where: { !features.contains($0) }) {
        throw .notAFeature(file: file, column: header[other])
      }
      try gather(named, isTextOnly: false, header: header, file: file)

    case .model(
      let featureNames, let targetNames, let requiresTargets, let ignored, let groupName):
      // One look-up each: a model may have as many features as the check for doubles has steps.
      features = []
      var category: [String: Int] = [:]
      let own = Set(featureNames)
      for (place, name) in featureNames.enumerated() {
        if let column = columns[name] {
          features.append(column)
          numbers.append(place)
        } else if let parts = CategoryName(name), !own.contains(parts.column),
          let column = columns[parts.column]
        {
          features.append(column)
          let index = category[parts.column] ?? categories.count
          if index == categories.count {
            category[parts.column] = index
            categories.append(CategoryColumn(column: column))
          }
          categories[index].append(parts.value, place: place)
        } else {
          throw .missingColumn(file: file, column: name)
        }
      }
      self.featureNames = featureNames
      targets = try find(requiresTargets ? targetNames : targetNames.filter { columns[$0] != nil })
      if let groupName { group = try find([groupName])[0] }
      let known = Set(features).union(targets).union([group].compactMap(\.self))
      let ignorable = Set(ignored)
      for (index, name) in header.enumerated()
      where !known.contains(index) && !ignorable.contains(name) && !Self.isTarget(name) {
        throw .unknownColumn(file: file, column: name)
      }
    }
    if features.isEmpty, gathered.isEmpty { throw .noFeatureColumn(file: file) }
    if features.count > Self.mostFeatures {
      throw .tooManyColumns(file: file, found: features.count, limit: Self.mostFeatures)
    }
  }

  /// Takes features as columns of categories.
  mutating func gather(
    _ columns: [Int], isTextOnly: Bool, header: [String], file: String
  ) throws(DataError) {
    for column in columns {
      let name = header[column]
      guard !name.contains("=") else { throw .badCategoryColumn(file: file, column: name) }
      gathered.append(CategoryGathering(name: name, column: column, isTextOnly: isTextOnly))
    }
    let taken = Set(columns)
    features.removeAll { taken.contains($0) }
    featureNames = features.map { header[$0] }
    numbers = Array(features.indices)
  }

  private static func isTarget(_ name: String) -> Bool {
    TargetNaming(name) != nil
  }
}
