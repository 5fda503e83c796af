// SPDX-License-Identifier: Apache-2.0
import NNQMath

/// What may be wrong with a motor.
enum MotorFault: String, CaseIterable {
  case healthy
  case imbalance
  case misalignment
  case bearingOuter = "bearing_outer"
  case bearingInner = "bearing_inner"
}

/// What sets one machine apart from the others.
struct Motor {
  /// The amplitude that balancing left, at 50 Hz, in g.
  var residualImbalance: Double
  /// The amplitude that alignment left at twice the shaft frequency, in g.
  var residualMisalignment: Double
  /// The frequency in Hz at which the housing rings, and its damping ratio.
  var resonance: Double
  var damping: Double
  /// Passes of balls over the outer and the inner race per turn.
  var outerRatio: Double
  var innerRatio: Double
  /// The deviation of the sensor's noise in g.
  var noise: Double
  /// The error of the sensor's sensitivity as a factor.
  var gain: Double
  /// The heating at full load in kelvin, and the current at full load in A.
  var heating: Double
  var fullCurrent: Double

  init(_ random: inout RandomSource) {
    residualImbalance = random.uniform(in: 0.03...0.08)
    residualMisalignment = random.uniform(in: 0.01...0.03)
    resonance = random.uniform(in: 2600...4000)
    damping = random.uniform(in: 0.03...0.06)
    // For n balls of diameter d on a pitch circle D: n / 2 * (1 -+ d / D).
    let balls = Double(7 + random.below(4))
    let ratio = random.uniform(in: 0.2...0.28)
    outerRatio = balls / 2 * (1 - ratio)
    innerRatio = balls / 2 * (1 + ratio)
    noise = random.uniform(in: 0.03...0.06)
    gain = random.uniform(in: 0.96...1.04)
    heating = random.uniform(in: 30...42)
    fullCurrent = random.uniform(in: 14...19)
  }
}

/// One machine at the moment of a measurement.
struct MotorCondition {
  var motor: Motor
  var fault: MotorFault
  /// 0 is invisible, 1 is strong.
  var severity: Double
  /// Turns per second.
  var shaftFrequency: Double
  /// 0 ... 1 of the rated load.
  var load: Double
  /// In A.
  var current: Double
  /// In degC.
  var temperature: Double
}

/// The machines as time goes by: operating points, faults that grow, repairs.
struct MotorFleet {
  /// The same source drives the fleet and the noise, row after row.
  var random: RandomSource
  private var machines: [Machine] = []
  private var measurement = 0

  private static let size = 6

  private struct Machine {
    var motor: Motor
    var speed: Double
    var speedGoal: Double
    var load: Double
    var loadGoal: Double
    var temperature: Double
    /// The faults still to come before the order is drawn anew.
    var upcoming: [Int] = []
    var fault = MotorFault.healthy
    /// The measurements of the present episode: done and in all.
    var done: Int
    var length: Int
    var lastSeverity: Double

    /// Moves the operating point on, and the episode.
    mutating func moveOn(_ random: inout RandomSource) {
      if random.below(12) == 0 { speedGoal = random.uniform(in: 1200...2900) }
      if random.below(8) == 0 { loadGoal = random.uniform(in: 0.3...1) }
      speed += 0.5 * (speedGoal - speed) + 8 * random.normal()
      load += 0.4 * (loadGoal - load) + 0.01 * random.normal()
      load = max(0.1, min(1.1, load))

      done += 1
      guard done >= length else { return }
      done = 0
      if fault == .healthy {
        if upcoming.isEmpty {
          upcoming = Array(1..<MotorFault.allCases.count)
          random.shuffle(&upcoming)
        }
        fault = MotorFault.allCases[upcoming.removeLast()]
        length = 25 + random.below(20)
        lastSeverity = random.uniform(in: 0.6...1)
      } else {
        fault = .healthy
        length = 20 + random.below(20)
      }
    }
  }

  init(seed: UInt64) {
    random = RandomSource(seed: seed)
    for index in 0..<Self.size {
      let motor = Motor(&random)
      // The fleet starts in different states, so that even a short record shows all of them.
      let fault = MotorFault.allCases[index % MotorFault.allCases.count]
      machines.append(
        Machine(
          motor: motor, speed: random.uniform(in: 1200...2900),
          speedGoal: random.uniform(in: 1200...2900), load: random.uniform(in: 0.3...1),
          loadGoal: random.uniform(in: 0.3...1), temperature: 40, fault: fault,
          done: 10 + random.below(10), length: 40, lastSeverity: random.uniform(in: 0.6...1)))
    }
  }

  /// The next measurement; machines take turns.
  mutating func next() -> MotorCondition {
    let index = measurement % Self.size
    let round = measurement / Self.size
    measurement += 1
    machines[index].moveOn(&random)
    let machine = machines[index]

    var severity = 0.0
    if machine.fault != .healthy {
      let progress = Double(machine.done) / Double(machine.length)
      let trend = 0.12 + (machine.lastSeverity - 0.12) * progress
      severity = max(0.05, trend * (1 + 0.15 * random.normal()))
    }
    // A day has 144 rounds: a machine is measured every ten minutes.
    let day = PortableMath.circle(turns: Double(round) / 144).sine
    let friction = machine.fault == .bearingOuter || machine.fault == .bearingInner ? 4.0 : 0
    let heat = machine.motor.heating * machine.load * machine.load + friction * severity
    let settled = 22 + 4 * day + heat
    // The housing follows in about half an hour.
    machines[index].temperature += 0.3 * (settled - machine.temperature)

    let drag = machine.fault == .misalignment ? 0.03 * severity : 0
    let current = machine.motor.fullCurrent * (0.25 + (0.75 + drag) * machine.load)
    return MotorCondition(
      motor: machine.motor, fault: machine.fault, severity: severity,
      shaftFrequency: machine.speed / 60, load: machine.load,
      current: current * (1 + 0.01 * random.normal()),
      temperature: machines[index].temperature + 0.3 * random.normal())
  }
}
