// SPDX-License-Identifier: Apache-2.0
import NNQCertify
import NNQFormat

/// What `nnq certify` proved, checked and tried.
struct CertificateResult {
  /// What an attack came to.
  struct Tried {
    let inputs: Int
    /// `[layers]`
    let errors: [Double]
    /// `[layers]`, the largest share of its bound that an output's error reached.
    let shares: [Double]
    let breach: Attack.Breach?
  }

  let path: String
  let floatPath: String
  let model: Int8Model
  let box: ReadingBox
  let certification: Certification
  /// The claim of the model's certificate that does not follow.
  private(set) var fault: CertificateFault?
  private(set) var isChecked = false
  private(set) var tried: Tried?
  /// Where the model was written.
  var writtenPath: String?

  init(
    path: String, floatPath: String, model: Int8Model, box: ReadingBox,
    certification: Certification
  ) {
    self.path = path
    self.floatPath = floatPath
    self.model = model
    self.box = box
    self.certification = certification
  }

  var certificate: Certificate { certification.certificate }

  /// Whether every claim follows and none was broken.
  var isHeld: Bool { fault == nil && tried?.breach == nil }

  /// Compares the model's certificate with what was proved.
  mutating func check() {
    isChecked = true
    fault = model.certificate?.fault(against: certificate)
  }

  /// Tries rows against the bounds.
  mutating func attack(_ float: FloatModel, rows: Int, seed: UInt64) throws {
    var attack = try Attack(certification, model, of: float, seed: seed)
    attack.run(inputs: rows)
    tried = Tried(
      inputs: attack.inputs, errors: attack.errors, shares: attack.shares, breach: attack.breach)
  }

  /// For example `dense0`.
  func layerName(_ index: Int) -> String {
    "\(model.image.layers[index].operation.kind.name)\(index)"
  }

  /// The label or the target that an output stands for.
  func outputName(_ index: Int) -> String {
    switch model.task.kind {
    case .multiclass: model.task.labels[index]
    case .multilabel, .regression: model.task.targets[index]
    case .binary: model.task.targets[0]
    case .anomaly: model.features[index].name
    }
  }

  /// What the codes of a layer stand for, from the lowest to the highest.
  func values(ofLayer index: Int) -> (lowest: Double, highest: Double) {
    let (codes, tensor) = (certificate.layers[index].codes, model.tensors[index])
    func real(_ code: Int16) -> Double {
      tensor.scale * Double(Int(code) - Int(tensor.zeroPoint))
    }
    return (real(codes.lowerBound), real(codes.upperBound))
  }

  /// The bound of a layer as a share of the distance between the ends of its values.
  func share(ofLayer index: Int) -> Double {
    let (lowest, highest) = values(ofLayer: index)
    return highest > lowest ? certificate.layers[index].error / (highest - lowest) : 0
  }

  /// The layer whose bound is the largest share of its values.
  var loosestLayer: Int {
    certificate.layers.indices.max { share(ofLayer: $0) < share(ofLayer: $1) } ?? 0
  }

  /// What a class has to win by in the float model, or a logit has to be from its threshold by, for the
  /// int8 model to decide the same for certain; nil where decisions are made otherwise.
  var safeMargin: Double? {
    let errors = certificate.outputs.map(\.error).sorted(by: >)
    return switch model.task.kind {
    case .multiclass: (errors[0] + errors[1]).nextUp
    case .binary, .multilabel: errors[0]
    case .regression, .anomaly: nil
    }
  }
}
