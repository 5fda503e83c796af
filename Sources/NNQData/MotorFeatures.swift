// SPDX-License-Identifier: Apache-2.0
import NNQMath

/// Condenses a waveform into the numbers that condition monitoring looks at.
struct MotorFeatures {
  static let columns: [(name: String, unit: String)] = [
    ("speed", "rpm"), ("load", "%"), ("current", "A"), ("temperature", "degC"),
    ("rms_x", "g"), ("rms_y", "g"), ("rms_axial", "g"), ("velocity_x", "mm/s"),
    ("peak_x", "g"), ("crest_x", "1"), ("kurtosis_x", "1"),
    ("x_1x", "g"), ("x_2x", "g"), ("x_3x", "g"), ("axial_1x", "g"), ("axial_2x", "g"),
    ("band_mid_x", "g"), ("band_high_x", "g"), ("envelope_x", "g"),
    ("envelope_1x", "g"), ("envelope_bpfo", "g"), ("envelope_bpfi", "g"),
  ]

  /// A Hann window whose mean is 1/2.
  private let window: [Double] = (0..<MotorWaveform.samples).map {
    let turns = (Double($0) + 0.5) / Double(MotorWaveform.samples)
    return 0.5 - 0.5 * PortableMath.circle(turns: turns).cosine
  }

  /// The features in the order of ``columns``.
  func condensed(_ waveform: MotorWaveform, _ condition: MotorCondition) -> [Double] {
    let shaft = condition.shaftFrequency
    let x = waveform.x
    let rms = Self.rms(x)
    let peak = x.reduce(0) { max($0, $1.magnitude) }
    let high = Self.bandPass(x, centre: 3300, quality: 1.5)
    // The envelope is the rectified ringing; its mean says nothing about how often it rings.
    let rectified = high.map(\.magnitude)
    let mean = rectified.reduce(0, +) / Double(rectified.count)
    let envelope = rectified.map { $0 - mean }
    let axial = waveform.axial
    return [
      shaft * 60, condition.load * 100, condition.current, condition.temperature,
      rms, Self.rms(waveform.y), Self.rms(axial), Self.velocity(x),
      peak, peak / rms, Self.kurtosis(x),
      amplitude(x, shaft), amplitude(x, 2 * shaft), amplitude(x, 3 * shaft),
      amplitude(axial, shaft), amplitude(axial, 2 * shaft),
      Self.rms(Self.bandPass(x, centre: 1200, quality: 1.5)), Self.rms(high), mean,
      amplitude(envelope, shaft), amplitude(envelope, condition.motor.outerRatio * shaft),
      amplitude(envelope, condition.motor.innerRatio * shaft),
    ]
  }

  /// The amplitude of a sine at a frequency in Hz, by Goertzel's recursion on windowed samples.
  private func amplitude(_ signal: [Double], _ frequency: Double) -> Double {
    let turn = PortableMath.circle(turns: frequency / MotorWaveform.sampleRate)
    let factor = 2 * turn.cosine
    var (before, last) = (0.0, 0.0)
    for index in signal.indices {
      let next = signal[index] * window[index] + factor * last - before
      (before, last) = (last, next)
    }
    let real = last - before * turn.cosine
    let imaginary = before * turn.sine
    // A sine of amplitude a adds up to a / 2 * n / 2 under a window of mean 1/2.
    return (real * real + imaginary * imaginary).squareRoot() * 4 / Double(signal.count)
  }

  private static func rms(_ signal: [Double]) -> Double {
    (signal.reduce(0) { $0 + $1 * $1 } / Double(signal.count)).squareRoot()
  }

  private static func kurtosis(_ signal: [Double]) -> Double {
    let count = Double(signal.count)
    let mean = signal.reduce(0, +) / count
    var (squares, fourths) = (0.0, 0.0)
    for sample in signal {
      let square = (sample - mean) * (sample - mean)
      squares += square
      fourths += square * square
    }
    return fourths * count / (squares * squares)
  }

  /// The effective velocity in mm/s, from 10 Hz up: the leak of the integral forgets what is slower.
  private static func velocity(_ signal: [Double]) -> Double {
    let leak = PortableMath.exp(-2 * Double.pi * 10 / MotorWaveform.sampleRate)
    let step = 9806.65 / MotorWaveform.sampleRate
    var velocity = 0.0
    var squares = 0.0
    // The start of the integral takes a few times the leak's 200 samples to fade.
    let settled = 1024
    for index in signal.indices {
      velocity = leak * velocity + step * signal[index]
      if index >= settled { squares += velocity * velocity }
    }
    return (squares / Double(signal.count - settled)).squareRoot()
  }

  /// A band-pass of second order with a gain of 1 at its centre, in Hz.
  ///
  /// - Source: R. Bristow-Johnson, Audio EQ Cookbook, BPF with constant peak gain.
  private static func bandPass(
    _ signal: [Double], centre: Double, quality: Double
  ) -> [Double] {
    let turn = PortableMath.circle(turns: centre / MotorWaveform.sampleRate)
    let alpha = turn.sine / (2 * quality)
    let scale = 1 / (1 + alpha)
    let (b, a1, a2) = (alpha * scale, -2 * turn.cosine * scale, (1 - alpha) * scale)
    var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)
    return signal.map { sample in
      let output = b * (sample - x2) - a1 * y1 - a2 * y2
      (x2, x1) = (x1, sample)
      (y2, y1) = (y1, output)
      return output
    }
  }
}
