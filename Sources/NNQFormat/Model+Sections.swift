// SPDX-License-Identifier: Apache-2.0

extension Model {
  /// The sections of the packed form, in order; for a flat image those of the image.
  package func sections() throws(ModelFormatError) -> [Section] {
    switch self {
    case .image(let image):
      try image.validate()
      return image.sections()
    case .float(let model):
      var sections = [
        Section(.floatNetwork, floatNetworkPayload(model.layers, inputs: model.inputs)),
        Section(.features, featuresPayload(model.features)),
        Section(.task, taskPayload(model.task)),
      ]
      if let statistics = model.statistics {
        sections.append(Section(.statistics, statisticsPayload(statistics)))
      }
      if let calibration = model.calibration {
        sections.append(
          Section(.calibration, calibrationPayload(calibration, features: model.inputs)))
      }
      sections += provenanceSections(model.provenance) + model.unknownSections
      sections.sort { $0.type < $1.type }
      return sections
    case .int8(let model):
      var sections = [
        Section(.image, try model.image.serialized()),
        Section(.features, featuresPayload(model.features)),
        Section(.task, taskPayload(model.task)),
        Section(.quantization, quantizationPayload(model)),
      ]
      if let statistics = model.statistics {
        sections.append(Section(.statistics, statisticsPayload(statistics)))
      }
      sections += provenanceSections(model.provenance) + model.unknownSections
      if let certificate = model.certificate {
        sections.append(Section(.certificate, certificatePayload(certificate)))
      }
      sections.sort { $0.type < $1.type }
      return sections
    }
  }

  /// A model from the sections of a packed file.
  init(sections: [Section]) throws(ModelFormatError) {
    func payload(_ type: SectionType) -> [UInt8]? {
      sections.first { $0.type == type.rawValue }?.payload
    }
    func required(_ type: SectionType) throws(ModelFormatError) -> [UInt8] {
      guard let payload = payload(type) else { throw .missingSection(type) }
      return payload
    }
    let unknown = try sections.others(than: SectionType.ofPacked)
    let features = try readFeatures(try required(.features))
    let task = try readTask(try required(.task))
    let statistics =
      if let bytes = payload(.statistics) {
        try readStatistics(bytes, features: features.count)
      } else { FeatureStatistics?.none }
    let provenance =
      if let bytes = payload(.provenance) { try readProvenance(bytes) } else { Provenance() }

    if let imagePayload = payload(.image) {
      if payload(.floatNetwork) != nil { throw .unexpectedSection(.floatNetwork) }
      if payload(.calibration) != nil { throw .unexpectedSection(.calibration) }
      let image = try FlatImage(parsing: imagePayload)
      try checkShape(
        features: features, task: task, inputs: image.inputs, outputs: image.outputs.count)
      guard image.task == task.kind else {
        throw .invalidField(.task, field: "task", index: 0, found: task.kind.name)
      }
      let (input, tensors) = try readQuantization(try required(.quantization), image)
      var model = Int8Model(
        image: image, features: features, task: task, input: input, tensors: tensors,
        statistics: statistics, provenance: provenance)
      if let bytes = payload(.certificate) {
        model.certificate = try readCertificate(bytes, image, imagePayload)
      }
      model.unknownSections = unknown
      self = .int8(model)
    } else {
      guard let network = payload(.floatNetwork) else { throw .missingSection(.image) }
      if payload(.quantization) != nil { throw .unexpectedSection(.quantization) }
      if payload(.certificate) != nil { throw .unexpectedSection(.certificate) }
      let layers = try readFloatNetwork(network)
      try checkShape(
        features: features, task: task, inputs: layers.first?.inputs ?? 0,
        outputs: layers.last?.outputs ?? 0)
      let calibration =
        if let bytes = payload(.calibration) {
          try readCalibration(bytes, features: features.count, task: task)
        } else { CalibrationRows?.none }
      var model = FloatModel(
        layers: layers, features: features, task: task, statistics: statistics,
        calibration: calibration, provenance: provenance)
      model.unknownSections = unknown
      self = .float(model)
    }
  }
}

private func checkShape(
  features: [Feature], task: ModelTask, inputs: Int, outputs: Int
) throws(ModelFormatError) {
  guard features.count == inputs else {
    throw .invalidField(.features, field: "features", index: 0, found: "\(features.count)")
  }
  let count =
    switch task.kind {
    case .binary: 1
    case .multiclass: task.labels.count
    case .multilabel, .regression: task.targets.count
    case .anomaly: inputs
    }
  guard outputs == count else {
    throw .invalidField(.task, field: "outputs", index: 0, found: "\(outputs)")
  }
}

private func provenanceSections(_ provenance: Provenance) -> [Section] {
  provenance.pairs.isEmpty ? [] : [Section(.provenance, provenancePayload(provenance))]
}
