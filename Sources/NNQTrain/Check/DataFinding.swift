// SPDX-License-Identifier: Apache-2.0

/// Something in a table that a user should know before a model is trained on it.
public struct DataFinding: Equatable, Sendable {
  /// How much it matters.
  public enum Severity: String, Sendable {
    /// What training shows would not be true, or training refuses the table.
    case serious
    /// It may cost quality, or nothing; a look is worth it.
    case caution
    /// Nothing needs to be done.
    case note
  }

  /// What was found; the doc comment of each says when.
  public enum Kind: Equatable, Sendable {
    /// Training refuses the table.
    case refused(TrainingError)
    /// A column that numbers the rows or tells the time: it only rises or only falls. `isWhole`
    /// says that every reading is known to be a whole number.
    case counter(isWhole: Bool)
    /// Whole numbers of which at least 95 % stand once and which fill their range, or whose column is
    /// named as an identifier: serial numbers.
    case identifier
    /// A column of text that training refuses as it stands, left out here: its different values, the
    /// line of the file where that is seen, and whether they may be categories.
    case text(values: Int, line: Int, fits: Bool)
    /// Features from each of which alone the target follows, measured on rows that were not looked
    /// at; `score` is the best mean recall of the classes, or R2 for numbers.
    case tellsTarget(target: String, score: Double)
    /// The same, or nearly, of more features than would be an accident: the task is easy.
    case easyTarget(target: String, features: Int)
    /// Rows held back that have a near twin among the fitted rows: `share` of them, and `apart` the
    /// share when the last rows are held back instead.
    case twins(share: Double, apart: Double)
    /// The same readings with another label: the share of the rows that this makes undecidable.
    case contradictions(share: Double)
    /// All rows are of one class.
    case oneClass(label: String)
    /// Classes of fewer rows than ``DataCheck/fewRows``, each with its rows.
    case smallClasses([(label: String, rows: Int)])
    /// The share of the most frequent class is at least 95 %.
    case imbalance(label: String, share: Double)
    /// A feature that never changes.
    case constant
    /// Features that are others, or multiples of them and an offset: the one that each is, in the
    /// order of the finding's columns.
    case duplicates(of: [String])
    /// Readings that are missing.
    case missing(readings: Int, rows: Int)
    /// The standard deviations of the features differ by this factor at least a thousandfold.
    case spread(factor: Double, largest: String, smallest: String)
    /// A feature whose mean is so large that binary32 leaves few steps to its variation: the steps
    /// in one standard deviation.
    case coarse(steps: Double)

    /// Whether two say the same.
    public static func == (a: Kind, b: Kind) -> Bool { "\(a)" == "\(b)" }
  }

  public var kind: Kind
  public var severity: Severity
  /// The columns that it is about, in their order in the table; empty when it is about rows.
  public var columns: [String]
  /// Some of the rows that show it, from 0.
  public var rows: [Int]

  package init(_ kind: Kind, _ severity: Severity, columns: [String] = [], rows: [Int] = []) {
    self.kind = kind
    self.severity = severity
    self.columns = columns
    self.rows = rows
  }
}
