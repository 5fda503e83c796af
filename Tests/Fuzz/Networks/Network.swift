// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQInterop

private let layers = try? LayerList(parsing: "w b relu\nv - softmax\n")

/// A network of another format that is imported is a model that can be written.
func fuzzNetwork(_ bytes: [UInt8]) {
  guard let model = try? Model(importing: bytes, ImportSettings(), layers: layers) else { return }
  must((try? model.identity()) != nil)
}
