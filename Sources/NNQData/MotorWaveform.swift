// SPDX-License-Identifier: Apache-2.0
import NNQMath

/// Acceleration in g on three axes of a motor, sample by sample.
///
/// - Source: the textbook signatures: an imbalance turns with the shaft; a misalignment pushes twice
///   a turn, in axial direction too; a damaged race strikes once a ball, and each blow makes the
///   housing ring, on the inner race as strongly as the load zone lets it.
struct MotorWaveform {
  static let sampleRate = 12_800.0
  static let samples = 4096

  private(set) var x = [Double](repeating: 0, count: samples)
  private(set) var y = [Double](repeating: 0, count: samples)
  private(set) var axial = [Double](repeating: 0, count: samples)

  /// Amplitudes at once, twice and three times the shaft frequency.
  private struct Harmonics {
    var first = 0.0
    var second = 0.0
    var third = 0.0
  }

  /// Replaces the samples by those of a new measurement.
  mutating func record(_ condition: MotorCondition, noise random: inout RandomSource) {
    let motor = condition.motor
    let speed = condition.shaftFrequency / 50
    let severity = condition.severity
    var radial = Harmonics(
      first: motor.residualImbalance * speed * speed,
      second: motor.residualMisalignment * (0.5 + 0.5 * condition.load), third: 0.008)
    var along = Harmonics(first: 0.3 * radial.first, second: 0.4 * radial.second, third: 0.004)
    switch condition.fault {
    case .imbalance:
      radial.first += 0.5 * severity * speed * speed
      along.first += 0.03 * severity * speed * speed
    case .misalignment:
      let push = severity * (0.5 + 0.5 * condition.load)
      radial.first += 0.06 * push
      radial.second += 0.24 * push
      radial.third += 0.06 * push
      along.first += 0.10 * push
      along.second += 0.20 * push
    case .healthy, .bearingOuter, .bearingInner: break
    }

    // Each shaft's phase is random at the moment when the measurement starts.
    let start = random.uniform()
    let lag = random.uniform()
    add(radial, shaft: condition.shaftFrequency, phase: start, lag: lag, to: \.x)
    add(radial, shaft: condition.shaftFrequency, phase: start + 0.25, lag: lag, to: \.y)
    add(along, shaft: condition.shaftFrequency, phase: start + 0.1, lag: lag, to: \.axial)
    ring(condition, phase: start, random: &random)
    for index in 0..<Self.samples {
      x[index] = motor.gain * x[index] + motor.noise * random.normal()
      y[index] = motor.gain * y[index] + motor.noise * random.normal()
      axial[index] = motor.gain * axial[index] + motor.noise * random.normal()
    }
  }

  /// Sets an axis to three harmonics of the shaft, each turned on from sample to sample.
  private mutating func add(
    _ amplitudes: Harmonics, shaft: Double, phase: Double, lag: Double,
    to axis: WritableKeyPath<MotorWaveform, [Double]>
  ) {
    let step = PortableMath.circle(turns: shaft / Self.sampleRate)
    let lagging = PortableMath.circle(turns: lag)
    var (c, s) = PortableMath.circle(turns: phase)
    for index in 0..<Self.samples {
      let (c2, s2) = (c * c - s * s, 2 * c * s)
      let third = c * c2 - s * s2
      let second = c2 * lagging.cosine - s2 * lagging.sine
      self[keyPath: axis][index] =
        amplitudes.first * c + amplitudes.second * second + amplitudes.third * third
      (c, s) = (c * step.cosine - s * step.sine, c * step.sine + s * step.cosine)
    }
  }

  /// Adds the blows of a damaged race, and those of a sound bearing that any machine has.
  private mutating func ring(
    _ condition: MotorCondition, phase: Double, random: inout RandomSource
  ) {
    let motor = condition.motor
    let isInner = condition.fault == .bearingInner
    let isDamaged = isInner || condition.fault == .bearingOuter
    let ratio = isInner ? motor.innerRatio : motor.outerRatio
    // Balls slip a little, and no two blows are alike.
    let period =
      Self.sampleRate / (condition.shaftFrequency * ratio * random.uniform(in: 0.992...1))
    let strength = isDamaged ? 0.7 * condition.severity * (0.6 + 0.4 * condition.load) : 0
    var blow = random.uniform() * period

    // The response of a damped oscillator to an impulse, as a recursion of second order.
    let decay = PortableMath.exp(
      -2 * Double.pi * motor.damping * motor.resonance / Self.sampleRate)
    let swing = PortableMath.circle(turns: motor.resonance / Self.sampleRate)
    let (a1, a2) = (2 * decay * swing.cosine, decay * decay)
    var (before, last) = (0.0, 0.0)
    for index in 0..<Self.samples {
      var force = 0.02 * random.normal()
      if Double(index) >= blow {
        var size = strength * (1 + 0.15 * random.normal())
        if isInner {
          // The damage passes through the load zone once a turn.
          let turns = phase + Double(index) * condition.shaftFrequency / Self.sampleRate
          size *= 1 + 0.8 * PortableMath.circle(turns: turns).cosine
        }
        force += size
        blow += period * (1 + 0.01 * random.normal())
      }
      let response = a1 * last - a2 * before + swing.sine * force
      (before, last) = (last, response)
      x[index] += response
      y[index] += 0.6 * response
      axial[index] += 0.25 * response
    }
  }
}
