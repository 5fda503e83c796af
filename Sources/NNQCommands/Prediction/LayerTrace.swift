// SPDX-License-Identifier: Apache-2.0

/// What the layers of a model hand on for one row, in real units; a flat image knows none and gives
/// its codes.
struct LayerTrace {
  /// `[layers][outputs]`
  var values: [[Double]]
  /// `[layers]`, how many codes lie at an end of their range, a ReLU's zero left out; empty for float.
  let saturated: [Int]
  /// `[layers][outputs]`, the codes; empty for float.
  var codes: [[Int16]] = []
}
