// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQLinalg
import NNQQuantize

/// A network of dense layers whose integers are trained.
struct TunedNetwork {
  private(set) var layers: [TunedLayer]
  private let method: ProductMethod

  /// - Parameter model: the float model that the forms were made of.
  init(_ forms: [LayerForm], _ model: FloatModel, by method: ProductMethod) {
    layers = zip(forms, model.layers).map { TunedLayer($0, $1) }
    self.method = method
  }

  /// Goes on with the integers of another quantized form.
  mutating func adopt(_ forms: [LayerForm]) {
    for index in layers.indices { layers[index].adopt(forms[index]) }
  }

  /// The float model whose weights are what the codes stand for.
  func model(_ model: FloatModel) -> FloatModel {
    var tuned = model
    tuned.layers = zip(layers, model.layers).map { $0.model($1) }
    return tuned
  }

  /// `[rows][outputs]`, the codes that each layer hands on, less their zero point.
  func passes(_ offsets: [Float], rows: Int) -> [LayerPass] {
    var passes: [LayerPass] = []
    for layer in layers {
      passes.append(layer.forward(passes.last?.made ?? offsets, rows: rows))
    }
    return passes
  }

  /// `[rows][outputs]`, the real values of what the last layer hands on.
  func values(_ passes: [LayerPass]) -> Block<Float> {
    guard let form = layers.last?.form, let pass = passes.last else {
      preconditionFailure("a quantized model has a layer")
    }
    let result = Block<Float>(rows: pass.known.rows, columns: pass.known.columns)
    result.values.set(
      pass.made.enumerated().map { place, offset in
        Float(Double(offset) * form.outputScale - form.outputShifts[place % form.outputs])
      })
    return result
  }

  /// Moves all layers against a gradient by the network's values.
  func move(_ slope: Block<Float>, _ passes: [LayerPass], step: AdamStep) {
    var slope = slope
    for index in layers.indices.reversed() {
      let before = layers[index].backward(slope, passes[index], isFirst: index == 0, by: method)
      layers[index].move(
        slope: slope, offsets: passes[index].offsets, step: step, by: method)
      guard let before else { return }
      slope = before
    }
  }
}
