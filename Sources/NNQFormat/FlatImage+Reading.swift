// SPDX-License-Identifier: Apache-2.0

extension FlatImage {
  /// Reads a whole flat image.
  ///
  /// - Throws: ``ModelFormatError``. Never traps, for any bytes.
  public init(parsing bytes: [UInt8]) throws(ModelFormatError) {
    guard try Envelope.parse(bytes) == .flat else {
      throw .unknownForm(bytes[4])
    }
    try self.init(sections: try readSections(bytes[Envelope.byteCount...]))
  }

  init(sections: [Section]) throws(ModelFormatError) {
    let others = try sections.others(than: SectionType.ofImage)
    func payload(_ type: SectionType) -> [UInt8]? {
      sections.first { $0.type == type.rawValue }?.payload
    }
    guard let network = payload(.network) else { throw .missingSection(.network) }
    guard let outputs = payload(.outputs) else { throw .missingSection(.outputs) }
    var reader = ByteReader(.network, network)
    let inputs = Int(try reader.integer(UInt16.self))
    let count = Int(try reader.integer(UInt16.self))
    let inputWidth = try reader.codeWidth("input bits", 0)
    try reader.zeros(3)
    var records: [LayerRecord] = []
    for index in 0..<count { records.append(try LayerRecord(&reader, index)) }
    var layers: [Layer] = []
    for (index, record) in records.enumerated() {
      layers.append(try record.layer(&reader, index))
    }
    try reader.end()
    self.init(
      inputs: inputs, inputWidth: inputWidth, layers: layers, task: .binary, probability: nil,
      outputs: [])
    try readOutputs(outputs)
    if let bytes = payload(.counts) { try readCounts(bytes) }
    if let bytes = payload(.score) { try readScore(bytes) }
    if let bytes = payload(.selfTest) { try readSelfTests(bytes) }
    unknownSections = others
    try validate()
  }

  private mutating func readOutputs(_ bytes: [UInt8]) throws(ModelFormatError) {
    var reader = ByteReader(.outputs, bytes)
    let code = try reader.integer(UInt8.self)
    guard let kind = ModelTask.Kind(rawValue: code) else {
      throw reader.invalid("task", found: code)
    }
    task = kind
    let flag = try reader.integer(UInt8.self)
    guard flag <= 1 else { throw reader.invalid("probabilities", found: flag) }
    let count = Int(try reader.integer(UInt16.self))
    let multiplier: Int32 = try reader.integer()
    let shift = try reader.integer(UInt8.self)
    if flag == 1 {
      probability = FixedPointMultiplier(multiplier: multiplier, shift: Int(shift))
    }
    guard flag == 1 ? probability != nil : multiplier == 0 && shift == 0 else {
      throw reader.invalid("probability multiplier", found: "\(multiplier) >> \(shift)")
    }
    try reader.zeros(7)
    scoreThreshold = try reader.integer()
    for index in 0..<count {
      let origin: Int32 = try reader.integer()
      let multiplier: Int32 = try reader.integer()
      let exponent = Int(try reader.integer(Int16.self))
      try reader.zeros(2, index)
      outputs.append(
        Output(
          origin: origin, multiplier: multiplier, exponent: exponent,
          threshold: try reader.integer()))
    }
    try reader.end()
  }

  private mutating func readCounts(_ bytes: [UInt8]) throws(ModelFormatError) {
    var reader = ByteReader(.counts, bytes)
    var list: [Count] = []
    for index in 0..<inputs {
      let lowest: Int32 = try reader.integer()
      let highest: Int32 = try reader.integer()
      guard lowest <= highest else {
        throw reader.invalid("count range", index, found: "\(lowest) to \(highest)")
      }
      let offset: Int32 = try reader.integer()
      let factor = try reader.factor(index)
      try reader.zeros(1, index)
      list.append(
        Count(
          range: lowest...highest, offset: offset, factor: factor, zeroPoint: try reader.integer()))
    }
    try reader.end()
    counts = list
  }

  private mutating func readScore(_ bytes: [UInt8]) throws(ModelFormatError) {
    var reader = ByteReader(.score, bytes)
    var list: [Score] = []
    for index in 0..<inputs {
      let origin: Int32 = try reader.integer()
      list.append(Score(origin: origin, factor: try reader.factor(index)))
      try reader.zeros(3, index)
    }
    try reader.end()
    score = list
  }

  private mutating func readSelfTests(_ bytes: [UInt8]) throws(ModelFormatError) {
    var reader = ByteReader(.selfTest, bytes)
    let count = Int(try reader.integer(UInt16.self))
    guard (1...FormatLimit.selfTestVectors).contains(count) else {
      throw reader.invalid("vectors", found: count)
    }
    try reader.zeros(6)
    for index in 0..<count {
      let input = try reader.codes(inputs, inputWidth)
      try reader.padding(to: 4, index)
      let output = try reader.codes(outputs.count, outputWidth)
      try reader.padding(to: 4, index)
      let digests: [UInt32] = try reader.integers(layers.count)
      selfTests.append(SelfTest(input: input, output: output, digests: digests))
    }
    try reader.end()
  }
}

extension ByteReader {
  mutating func activation(_ index: Int) throws(ModelFormatError) -> Activation.Kind {
    let code = try integer(UInt8.self)
    guard let activation = Activation.Kind(rawValue: code) else {
      throw invalid("activation", index, found: code)
    }
    return activation
  }

  mutating func operation(_ index: Int) throws(ModelFormatError) -> OperationKind {
    let code = try integer(UInt8.self)
    guard let operation = OperationKind(rawValue: code) else {
      throw invalid("operation", index, found: code)
    }
    return operation
  }

  mutating func codeWidth(
    _ field: String, _ index: Int
  ) throws(ModelFormatError) -> CodeWidth {
    let bits = try integer(UInt8.self)
    guard let width = CodeWidth(rawValue: bits) else { throw invalid(field, index, found: bits) }
    return width
  }

  mutating func factor(_ index: Int) throws(ModelFormatError) -> FixedPointMultiplier {
    let multiplier: Int32 = try integer()
    let shift = try integer(UInt8.self)
    guard let factor = FixedPointMultiplier(multiplier: multiplier, shift: Int(shift)) else {
      throw invalid("multiplier", index, found: "\(multiplier) >> \(shift)")
    }
    return factor
  }

  fileprivate mutating func codes(
    _ count: Int, _ width: CodeWidth
  ) throws(ModelFormatError) -> [Int16] {
    switch width {
    case .eight: try integers(count, of: Int8.self).map(Int16.init)
    case .sixteen: try integers(count)
    }
  }
}
