// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQRuntime
import NNQTestSupport
import Testing

@Suite struct MemoryPlanTests {
  @Test("the input of an arranged layer and the output lie in the room that widens")
  func arranged() throws {
    let image = try narrowImage(widths: [640, 128, 8, 128, 640])
    let runtime = try FirmwareRuntime(image: try image.serialized(), kernel: .scalar)
    let plan = MemoryPlan(runtime, try ArrangedImage(image, for: .cortexM4))
    #expect(plan.input == 640 && plan.output == 0)
    #expect(plan.bytes == 2 * 640 + runtime.arenaBytes && plan.arenaBytes == plan.bytes)
  }

  @Test("an output that does not fit beside the last layer's input follows the arena")
  func wideOutput() throws {
    let image = try narrowImage(widths: [8, 16, 40])
    let runtime = try FirmwareRuntime(image: try image.serialized(), kernel: .scalar)
    let plan = MemoryPlan(runtime, try ArrangedImage(image, for: .cortexM4))
    #expect(
      plan.input == 2 * 16 - 8 && plan.output == 2 * 16 + 16 && plan.bytes == plan.output + 40)
  }

  @Test(
    "input and output share their bytes in a portable network, but for a single layer",
    arguments: [DeviceLayout.portable, .cortexM55])
  func portable(layout: DeviceLayout) throws {
    for (widths, bytes) in [
      ([640, 128, 640], 128 + 640), ([17, 6], 20 + 8), ([3, 5, 9], 8 + 12),
    ] {
      let image = try narrowImage(widths: widths)
      let runtime = try FirmwareRuntime(image: try image.serialized(), kernel: .scalar)
      #expect(MemoryPlan(runtime, try ArrangedImage(image, for: layout)).bytes == bytes)
      #expect(runtime.ramBytes == bytes)
    }
  }
}

/// A network that a quantizer made, of 8-bit codes throughout.
private func narrowImage(widths: [Int]) throws -> FlatImage {
  var settings = QuantizationSettings()
  settings.inputWidth = .eight
  settings.activations = .eight
  settings.outputWidth = .eight
  settings.rounding = .nearest
  return try Int8Model.quantizing(
    sampleFloatModel(.regression, widths: widths, seed: 1), settings
  ).model.image
}
