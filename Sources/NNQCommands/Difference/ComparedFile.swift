// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQInterop

/// A file that `nnq diff` is given as a side: a model of nnq, or a network of another format, which
/// has neither names nor a task of its own.
enum ComparedFile {
  case own(ModelInput)
  case foreign(path: String, bytes: [UInt8])

  init(_ path: String) throws(Failure) {
    let bytes = try naming(path) { try readFile(path, limit: FormatLimit.file) }
    do throws(ModelFormatError) {
      self = .own(ModelInput(path: path, bytes: bytes, model: try Model(parsing: bytes)))
    } catch .notAModel {
      self = .foreign(path: path, bytes: bytes)
    } catch {
      throw Failure(error, in: path)
    }
  }

  /// The model of nnq, if it is one.
  var own: ModelInput? { if case .own(let input) = self { input } else { nil } }

  /// The model in the file; a network takes its names and its task from the other side.
  ///
  /// - Throws: ``Failure`` when the network does not fit them or is none that nnq reads.
  func input(like other: ModelInput?) throws(Failure) -> ModelInput {
    switch self {
    case .own(let input): return input
    case .foreign(let path, let bytes):
      let settings = other?.model.description.map(ImportSettings.init) ?? ImportSettings()
      let model = try naming(path) { try Model(importing: bytes, settings) }
      return ModelInput(path: path, bytes: bytes, model: model)
    }
  }
}

extension ImportSettings {
  /// The names and the task of a model.
  fileprivate init(_ description: ModelDescription) {
    let task = description.task
    self.init(
      features: description.features.map(\.name), task: task.kind,
      labels: task.labels.isEmpty ? nil : task.labels,
      targets: task.targets.contains("") ? nil : task.targets, threshold: task.thresholds.first)
  }
}
