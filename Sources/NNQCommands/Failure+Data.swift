// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQWords

extension Failure {
  /// What is wrong with a table, as a sentence.
  init(_ error: DataError) {
    switch error {
    case .file(let error): self.init(error)
    case .zstd(let file, let error): self.init(error, in: named(file))
    case .empty(let file): self.init(.badInput, "\(named(file)): empty")
    case .noRows(let file): self.init(.badInput, "\(named(file)): a header and no rows")
    case .binary(let file, let line):
      self.init(
        .badInput, "\(named(file)):\(line): not text: a NUL byte or bytes that are not UTF-8",
        hint: "tables are .csv, .csv.zst or .npy")
    case .recordTooLong(let file, let line, let limit):
      self.init(.badInput, "\(named(file)):\(line): longer than \(limit) bytes")
    case .unterminatedQuote(let file, let line):
      self.init(.badInput, "\(named(file)):\(line): a quoted cell has no end")
    case .textAfterQuote(let file, let line):
      self.init(.badInput, "\(named(file)):\(line): text after a closing quote")
    case .ragged(let file, let line, let found, let expected):
      self.init(
        .badInput, "\(named(file)):\(line): \(found) cells where the header has \(expected)")
    case .tooManyColumns(let file, let found, let limit):
      self.init(.badInput, "\(named(file)): \(found) columns where at most \(limit) are allowed")
    case .badColumnName(let file, let column):
      self.init(
        .badInput, "\(named(file)):1: the name of column \(column) is empty or too long")
    case .duplicateColumn(let file, let column):
      self.init(.badInput, "\(named(file)):1: column \(quoted(column)) stands twice")
    case .missingColumn(let file, let column):
      self.init(.badInput, "\(named(file)):1: column \(quoted(column)) is missing")
    case .unknownColumn(let file, let column):
      self.init(
        .badInput, "\(named(file)):1: column \(quoted(column)) is neither a feature nor a target",
        hint: "columns are matched by name; pass over it with --ignore, or train with it")
    case .noTargetColumn(let file):
      self.init(
        .badInput, "\(named(file)): no column is named label... or target...",
        hint: "name the column to predict with --target")
    case .noFeatureColumn(let file):
      self.init(.badInput, "\(named(file)): no column is left for a feature")
    case .notANumber(let place, let text):
      self.init(.badInput, "\(named(place)): \(quoted(text)) is not a number")
    case .infinite(let place, let text):
      self.init(.badInput, "\(named(place)): \(quoted(text)) is not a finite binary32 number")
    case .notACount(let place, let text):
      self.init(.badInput, "\(named(place)): \(quoted(text)) is not a 32-bit count")
    case .unknownCategory(let place, let text, let known):
      self.init(
        .badInput,
        "\(named(place)): \(quoted(text)) is none of the values that the model knows:"
          + " \(known.map(quoted).joined(separator: ", "))",
        hint: "train with rows of this value, or leave such rows out")
    case .numberAmongText(let place, let text):
      self.init(
        .badInput, "\(named(place)): \(quoted(text)) is a number where the column began with text",
        hint:
          "--categorical \(place.column) takes both as categories, --ignore leaves the column out")
    case .tooManyCategories(let place, let limit):
      self.init(
        .badInput, "\(named(place)): more than \(limit) different values, too many for categories",
        hint: "a column that names or numbers rows is left out with --ignore \(place.column)")
    case .longCategory(let place, let limit):
      self.init(.badInput, "\(named(place)): longer than \(limit) bytes, too long for a category")
    case .notAFeature(let file, let column):
      self.init(
        .usage, "\(named(file)): --categorical \(column): the column is no feature",
        hint: "a label of text is a class without it")
    case .badCategoryColumn(let file, let column):
      self.init(
        .badInput,
        "\(named(file)):1: column \(quoted(column)): a name with = cannot be one of"
          + " categories, whose features are COLUMN=VALUE",
        hint: "rename the column")
    case .tooManyRows(let file, let found, let features, let limit):
      let fitting = limit.mostRows(features: features)
      let shares = max(2, (found + max(fitting, 1) - 1) / max(fitting, 1))
      self.init(
        .badInput,
        "\(named(file)): \(found) rows of \(features) features take about"
          + " \(Format.bytes(limit.bytes(rows: found, features: features))), and"
          + " \(Format.bytes(limit.bytes)) hold \(fitting) rows",
        hint:
          "take one row in \(shares), as awk 'NR%\(shares)==1' hands them on, leave columns out with"
          + " --ignore, or allow more with --memory")
    case .missingCell(let place): self.init(.badInput, "\(named(place)): the value is missing")
    case .noReadings(let column):
      self.init(.badInput, "column \(quoted(column)) has no reading at all")
    case .numPy(let file, let fault):
      self.init(.badInput, "\(named(file)): \(words(fault))")
    }
  }
}

/// A path as messages name it.
func named(_ path: String) -> String { path == "-" ? "standard input" : path }

private func named(_ place: CellPlace) -> String {
  "\(named(place.file)):\(place.line): column \(quoted(place.column))"
}

private func words(_ fault: NumPyFault) -> String {
  switch fault {
  case .notNumPy: "not a .npy file"
  case .unsupportedVersion(let major, let minor): ".npy version \(major).\(minor) is not known"
  case .malformedHeader: "malformed .npy header"
  case .bigEndian(let type): "big-endian elements \(quoted(type)); save them as little-endian"
  case .unsupportedType(let type): "elements of type \(quoted(type)) are not numbers that fit"
  case .fortranOrder: "in Fortran order; save it with numpy.ascontiguousarray"
  case .dimensions(let found): "\(found) dimensions where 1 or 2 are expected"
  case .shape(let rows, let columns): "an array of \(rows) x \(columns) elements"
  case .truncated(let found, let expected): "\(found) bytes of data where \(expected) are stated"
  case .trailing(let expected): "bytes after the \(expected) bytes of data"
  case .columns(let found, let expected):
    "\(found) columns where the model has \(expected) features"
  }
}
