// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

/// Rows of numbers as the network takes them: in memory, or made of readings as they are asked for.
struct NetworkRows: RowSource {
  private enum Source {
    case held(Matrix)
    case file(ReadingFile, [Feature])
  }

  private let source: Source
  let rows: Int
  let columns: Int

  /// Rows in memory.
  init(_ matrix: Matrix) {
    source = .held(matrix)
    (rows, columns) = (matrix.rows, matrix.columns)
  }

  /// The network's inputs `[rows][features]`: readings on its scale, missing ones replaced.
  ///
  /// - Parameter readings: those in memory, missing ones replaced.
  init(_ data: Dataset, readings: [Float], by features: [Feature]) {
    (rows, columns) = (data.rows, features.count)
    if let file = data.file {
      source = .file(file, features)
    } else {
      var inputs = readings
      for (column, feature) in features.enumerated() {
        for index in stride(from: column, to: inputs.count, by: features.count) {
          inputs[index] = feature.input(inputs[index])
        }
      }
      source = .held(Matrix(rows: data.rows, columns: features.count, elements: inputs))
    }
  }

  func gather<Scalar: Real>(_ indices: ArraySlice<Int>, into block: Block<Scalar>) {
    switch source {
    case .held(let matrix): block.gather(indices, of: matrix)
    case .file(let file, let features):
      precondition(indices.count == block.rows && block.columns == columns)
      for (place, row) in indices.enumerated() {
        let numbers = file.row(row)
        for (column, feature) in features.enumerated() {
          let number = feature.input(feature.present(numbers[column]))
          block.values[place * columns + column] = Scalar(number)
        }
      }
    }
  }
}
