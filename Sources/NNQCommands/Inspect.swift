// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQRuntime

extension Command {
  static let inspect = Command(
    name: "inspect", summary: "Show what is in a model file",
    arguments: [Argument(name: "MODEL", help: "A float or int8 model")],
    options: [.flag("--json", "Print it as one JSON object")],
    examples: [
      Example("nnq inspect model.bin", "Show layers, bytes, features, labels and provenance"),
      Example("nnq inspect model.int8.bin --json", "Print the same for a script"),
    ]
  ) { arguments, console in
    let inspection = try Inspection(ModelInput(arguments.argument("MODEL")))
    if arguments.flag("--json") {
      try console.print(inspection.json)
    } else {
      try console.write(inspection.text(style: console.style))
    }
    return .success
  }
}

/// What `nnq inspect` shows of a model.
struct Inspection {
  struct Layer {
    let operation: OperationKind
    let inputs: Int
    let outputs: Int
    /// Nil for an operation without weights.
    let weightBits: Int?
    let activation: Activation.Kind

    var parameters: Int {
      switch operation {
      case .dense: outputs * (inputs + 1)
      case .layerNorm: 2 * outputs
      case .add, .gate: 0
      }
    }

    /// The multiplications of an inference, those of scaling left out.
    var macs: Int {
      switch operation {
      case .dense: outputs * inputs
      case .layerNorm, .add: 2 * inputs
      case .gate: outputs
      }
    }
  }

  let path: String
  let kind: String
  let fileBytes: Int
  let task: ModelTask.Kind
  let layers: [Layer]
  /// Of the flat image; nil for a float model.
  let flatBytes: Int?
  /// Input, output and hidden codes in the C runtime; nil for a float model.
  let ramBytes: Int?
  let features: [Feature]
  let labels: [String]
  let targets: [String]
  let thresholds: [Double]
  let calibrationRows: Int
  let provenance: Provenance
  /// What was proved of an int8 model, where it says so.
  let certificate: Certificate?
  let identity: String
  let imageIdentity: String?

  init(_ input: ModelInput) throws(Failure) {
    path = input.path
    kind = input.kind
    fileBytes = input.fileBytes
    task = input.model.task
    identity = try input.identity()
    imageIdentity = try naming(path) { try input.model.imageIdentity() }
    switch input.model {
    case .float(let model):
      layers = Self.layers(of: model)
      flatBytes = nil
      ramBytes = nil
    case .int8(let model):
      layers = Self.layers(of: model.image)
      let flat = try naming(path) { try model.image.serialized() }
      flatBytes = flat.count
      ramBytes = try naming(path) { try Self.ramBytes(of: flat) }
    case .image(let image):
      layers = Self.layers(of: image)
      flatBytes = input.fileBytes
      ramBytes = try naming(path) { try Self.ramBytes(of: try image.serialized()) }
    }
    let description = input.model.description
    features = description?.features ?? []
    labels = description?.task.labels ?? []
    targets = description?.task.targets ?? []
    thresholds = description?.task.thresholds ?? []
    provenance = description?.provenance ?? Provenance()
    certificate = if case .int8(let model) = input.model { model.certificate } else { nil }
    if case .float(let model) = input.model {
      calibrationRows = model.calibration?.rows ?? 0
    } else {
      calibrationRows = 0
    }
  }

  private static func ramBytes(of flat: [UInt8]) throws(RuntimeFault) -> Int {
    // The kernel that needs no packed weights: RAM is what a device is asked for.
    try FirmwareRuntime(image: flat, kernel: .scalar).ramBytes
  }

  static func layers(of model: FloatModel) -> [Layer] {
    model.layers.map {
      Layer(
        operation: $0.operation.kind, inputs: $0.inputs, outputs: $0.outputs,
        weightBits: $0.operation.kind == .dense ? 32 : nil, activation: $0.activation.kind)
    }
  }

  private static func layers(of image: FlatImage) -> [Layer] {
    image.layers.map {
      Layer(
        operation: $0.operation.kind, inputs: $0.inputs, outputs: $0.outputs,
        weightBits: $0.dense.map { Int($0.weightWidth.rawValue) }, activation: $0.activation)
    }
  }

  /// The columns of categories that features stand for, with their values, in the model's order.
  var categories: [(column: String, values: [String])] {
    var found: [(column: String, values: [String])] = []
    for name in features.compactMap({ CategoryName($0.name) }) {
      if let index = found.firstIndex(where: { $0.column == name.column }) {
        found[index].values.append(name.value)
      } else {
        found.append((name.column, [name.value]))
      }
    }
    return found
  }

  var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }
  var macs: Int { layers.reduce(0) { $0 + $1.macs } }
  var provenanceLines: [(key: String, value: String)] {
    provenance.pairs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
