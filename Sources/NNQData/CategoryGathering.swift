// SPDX-License-Identifier: Apache-2.0

/// A column of categories in a table that a model is to be trained on: its values as they turn up.
struct CategoryGathering {
  let name: String
  /// Where the column stands among the others that are features, which decides on the order.
  let column: Int
  /// The column was not named: a number in it is an error.
  let isTextOnly: Bool
  /// The index of each row's value into ``labels``.
  private(set) var indices: [UInt8] = []
  private var labels: [CellLabel] = []
  private var words: [String] = []
  private var index: [CellLabel: UInt8] = [:]

  init(name: String, column: Int, isTextOnly: Bool) {
    self.name = name
    self.column = column
    self.isTextOnly = isTextOnly
  }

  /// Takes in a cell; returns what is wrong with it.
  mutating func append(_ record: CSVRecord) -> CellFault? {
    let number = record.number(column)
    if number == .missing { return .missing(column) }
    if isTextOnly, number != .notANumber { return .notText(column) }
    guard let label = CellLabel(record, column, number) else { return .binary }
    if let known = index[label] {
      indices.append(known)
      return nil
    }
    let word = label.word(record, column)
    guard word.utf8.count <= CategoryColumn.longestValue else { return .longCategory(column) }
    guard labels.count < CategoryColumn.mostValues else { return .tooManyCategories(column) }
    let next = UInt8(labels.count)
    index[label] = next
    labels.append(label)
    words.append(word)
    indices.append(next)
    return nil
  }

  /// How many values turned up.
  var values: Int { labels.count }

  /// The values in the order of a model's features, and the place there of each index.
  var sorted: (words: [String], place: [Int]) {
    let order = labels.indices.sorted { labels[$0] < labels[$1] }
    var place = [Int](repeating: 0, count: order.count)
    for (position, index) in order.enumerated() { place[index] = position }
    return (order.map { words[$0] }, place)
  }
}

extension [CategoryGathering] {
  /// The features of a table whose columns of categories were read apart from those of numbers, in
  /// the order of the columns.
  ///
  /// - Parameters:
  ///   - names, columns: those of the numbers.
  ///   - numbers: `[rows][names.count]`
  func expand(
    names: [String], columns: [Int], numbers: [Float], rows: Int
  ) -> (names: [String], readings: [Float], categories: [Dataset.Category]) {
    guard !isEmpty else { return (names, numbers, []) }
    // Each part of a row: one number, or the values of a column.
    let parts = map(\.sorted)
    var order = columns.indices.map { (column: columns[$0], number: $0 as Int?, part: 0) }
    order += indices.map { (column: self[$0].column, number: nil, part: $0) }
    order.sort { $0.column < $1.column }
    var allNames: [String] = []
    var starts: [Int] = []
    var categories: [Dataset.Category] = []
    for item in order {
      starts.append(allNames.count)
      if let number = item.number {
        allNames.append(names[number])
      } else {
        let column = self[item.part].name
        allNames += parts[item.part].words.map { CategoryName(column: column, value: $0).feature }
        categories.append(
          Dataset.Category(
            name: column, values: parts[item.part].words,
            features: starts[starts.count - 1]..<allNames.count))
      }
    }
    let width = allNames.count
    var readings = [Float](repeating: 0, count: rows * width)
    for (item, start) in zip(order, starts) {
      if let number = item.number {
        for row in 0..<rows { readings[row * width + start] = numbers[row * names.count + number] }
      } else {
        let place = parts[item.part].place
        for (row, index) in self[item.part].indices.enumerated() {
          readings[row * width + start + place[Int(index)]] = 1
        }
      }
    }
    return (allNames, readings, categories)
  }
}
