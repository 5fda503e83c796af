// SPDX-License-Identifier: Apache-2.0

/// Numbers as sums over shared symbols, each of which is somewhere in -1 ... 1:
/// `center + sum coefficient * symbol`, within ``slack``.
///
/// What two of them take of the same symbol cancels in their difference, which intervals do not see.
/// - Source: de Figueiredo and Stolfi 2004, "Affine Arithmetic: Concepts and Applications".
struct AffineForms: Sendable {
  var centers: [Double]
  /// Over the symbols of the readings and of the float network's functions.
  var signal: Coefficients
  /// Over the symbols of what quantization rounds; no columns for the float network's values.
  var noise: Coefficients
  /// What each number may be off, by rounding in these sums and by what has no symbol.
  var slack: [Double]

  var count: Int { centers.count }

  /// How far each number can be from its center.
  var radii: [Double] {
    (0..<count).map { ((signal.radius($0) + noise.radius($0)).nextUp + slack[$0]).nextUp }
  }

  /// The interval of each number.
  var bounds: [Interval] {
    zip(centers, radii).map { Interval(around: $0, radius: $1) }
  }

  /// `weights * self`, the weights `[outputs][count]`.
  func multiplied(by weights: [Double], outputs: Int) -> AffineForms {
    let inputs = count
    let sizes = zip(centers, radii).map { abs($0) + $1 }
    let share = roundingShare(inputs)
    var product = AffineForms(
      centers: [], signal: signal.multiplied(by: weights, outputs: outputs),
      noise: noise.multiplied(by: weights, outputs: outputs), slack: [])
    for row in 0..<outputs {
      var (center, carried, size) = (0.0, 0.0, 0.0)
      for input in 0..<inputs {
        let weight = weights[row * inputs + input]
        center += weight * centers[input]
        carried += abs(weight) * slack[input]
        size += abs(weight) * sizes[input]
      }
      product.centers.append(center)
      product.slack.append((carried + share * size) * (1 + share) + underflow)
    }
    return product
  }

  /// Multiplies each number by its factor.
  mutating func scale(by factors: [Double]) {
    let sizes = zip(centers, radii).map { abs($0) + $1 }
    for index in 0..<count {
      centers[index] *= factors[index]
      slack[index] =
        abs(factors[index]) * (slack[index] + roundingShare(1) * sizes[index]) + underflow
    }
    signal.scale(by: factors)
    noise.scale(by: factors)
  }

  mutating func add(_ other: AffineForms) {
    let sizes = zip(zip(centers, radii), zip(other.centers, other.radii)).map {
      abs($0.0) + $0.1 + abs($1.0) + $1.1
    }
    for index in 0..<count {
      centers[index] += other.centers[index]
      slack[index] =
        (slack[index] + other.slack[index] + roundingShare(1) * sizes[index]).nextUp + underflow
    }
    signal.add(other.signal)
    noise.add(other.noise)
  }

  /// Adds a number to each.
  mutating func add(_ values: [Double]) {
    for index in 0..<count {
      slack[index] =
        (slack[index] + roundingShare(1) * (abs(centers[index]) + abs(values[index]))).nextUp
      centers[index] += values[index]
    }
  }

  /// The numbers of a range.
  func taken(_ range: Range<Int>) -> AffineForms {
    AffineForms(
      centers: Array(centers[range]), signal: signal.rows(range), noise: noise.rows(range),
      slack: Array(slack[range]))
  }
}
