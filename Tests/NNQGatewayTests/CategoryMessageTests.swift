// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQGateway
import NNQQuantize
import NNQTestSupport
import Testing

/// Messages for a model whose features stand for columns of categories.
@Suite struct CategoryMessageTests {
  private static let names = ["rpm", "fuel=gas", "fuel=diesel", "site=7", "site=12"]

  private static func engine() throws -> Engine {
    var float = sampleFloatModel(.multiclass, widths: [5, 9, 4], seed: 3)
    for (index, name) in names.enumerated() { float.features[index].name = name }
    let (model, _) = try Int8Model.quantizing(float, QuantizationSettings(), calibration: nil)
    var engine = Engine()
    engine.use(try GatewayModel(try Model.int8(model).serialized(), name: "m"))
    return engine
  }

  @Test("a value by the name of its column is the features of 0 and 1 that it stands for")
  func values() throws {
    var engine = try Self.engine()
    let features = #"{"x":{"rpm":1.5,"fuel=gas":0,"fuel=diesel":1,"site=7":0,"site=12":1}}"#
    let expected = engine.answer(features)
    #expect(expected.hasPrefix(#"{"verdict""#))
    for members in [
      #""rpm":1.5,"fuel":"diesel","site":12"#, #""site":"12","fuel":"diesel","rpm":1.5"#,
      #""site":1.2e1,"rpm":1.5,"fuel":" diesel ""#, #""rpm":1.5,"fuel":"dies\u0065l","site":12.0"#,
      #""f\u0075el":"diesel","site=7":0,"site=12":1,"rpm":1.5"#,
    ] {
      #expect(engine.answer("{\"x\":{\(members)}}") == expected, "\(members)")
    }
    let other = engine.answer(#"{"x":{"rpm":1.5,"fuel":"gas","site":7}}"#)
    let plain = engine.answer(
      #"{"x":{"rpm":1.5,"fuel=gas":1,"fuel=diesel":0,"site=7":1,"site=12":0}}"#)
    #expect(other == plain)
  }

  @Test(
    "a value that is none is refused with the reason",
    arguments: [
      (#""fuel":"coal","site":7"#, "unknown-category"),
      (#""fuel":"","site":7"#, "unknown-category"),
      (#""fuel":"Gas","site":7"#, "unknown-category"),
      (#""fuel":"gas","site":8"#, "unknown-category"),
      (#""fuel":"gas","site":"07""#, "unknown-category"),
      (#""fuel":null,"site":7"#, "missing-feature"),
      (#""fuel":true,"site":7"#, "wrong-type"), (#""fuel":["gas"],"site":7"#, "wrong-type"),
      (#""fuel":"gas","fuel":"gas""#, "duplicate-key"),
      (#""fuel":"gas","fuel=gas":1"#, "duplicate-key"),
      (#""fuel=gas":1,"fuel":"gas""#, "duplicate-key"), (#""fuel":,"site":7"#, "malformed"),
      (#""fuels":"gas","site":7"#, "unknown-feature"), (#""fuel":"gas""#, "missing-feature"),
    ])
  func refusals(members: String, fault: String) throws {
    var engine = try Self.engine()
    let reply = engine.answer("{\"x\":{\"rpm\":1.5,\(members)}}")
    #expect(reply.contains("\"error\":\"\(fault)\""), "\(reply)")
  }
}
