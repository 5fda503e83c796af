// SPDX-License-Identifier: Apache-2.0

/// Keeps the network of the best epoch and says when there is no use in going on.
struct EarlyStopping: Sendable {
  let patience: Int
  /// Its numbers are its own.
  let best: Network<Float>
  /// 0 before the first epoch.
  var bestEpoch = 0
  var bestLoss = Double.infinity

  init(patience: Int, initial: Network<Float>) {
    self.patience = patience
    best = initial.copy()
  }

  /// Notes an epoch's network and validation loss; an equal loss is no progress.
  ///
  /// - Parameter loss: nil when no rows are held back; the last network is then the best one.
  /// - Returns: whether this is the best network so far.
  @discardableResult
  mutating func note(_ network: Network<Float>, loss: Double?, epoch: Int) -> Bool {
    if let loss {
      guard loss < bestLoss else { return false }
      bestLoss = loss
    }
    best.copy(network)
    bestEpoch = epoch
    return true
  }

  /// Whether the last ``patience`` epochs brought nothing better.
  func isExhausted(after epoch: Int) -> Bool { epoch - bestEpoch >= patience }
}
