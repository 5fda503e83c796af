// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTestSupport
import Testing

@testable import NNQData

@Suite struct MotorSimulatorTests {
  let folder = TemporaryFolder()

  @Test("the table in memory is the file's, read again")
  func file() throws {
    let simulator = MotorSimulator(seed: 3)
    let path = folder("motor.csv")
    var file = try AtomicFile(path)
    try simulator.write(rows: 40, to: &file)
    try file.commit()
    var read = try Dataset(reading: path, columns: .training())
    read.sourceSHA256 = ""
    let made = simulator.dataset(rows: 40)
    #expect(read.featureNames == made.featureNames)
    #expect(read.readings == made.readings)
    #expect(read.targets[0].labels == made.targets[0].labels)
    #expect(read.targets[0].vocabulary == made.targets[0].vocabulary)
  }

  @Test("fewer rows are the beginning of more rows, another seed gives other rows")
  func prefix() {
    let long = MotorSimulator(seed: 5).dataset(rows: 30)
    let short = MotorSimulator(seed: 5).dataset(rows: 12)
    #expect(Array(long.readings.prefix(short.readings.count)) == short.readings)
    #expect(MotorSimulator(seed: 6).dataset(rows: 12).readings != short.readings)
    #expect(MotorSimulator(seed: 5).dataset(rows: 0).rows == 0)
  }

  @Test("the first row is the same on every machine")
  func golden() throws {
    var file = try AtomicFile(folder("motor.csv"))
    try MotorSimulator(seed: 1).write(rows: 2, to: &file)
    try file.commit()
    let text = String(decoding: try readFile(folder("motor.csv")), as: UTF8.self)
    #expect(
      text.split(separator: "\n")[1]
        == "2820.53,88.4624,15.171,43.7692,0.0661192,0.0594172,0.0365219,1.36412,0.20231,3.05977,"
        + "2.6864,0.0561965,0.0192862,0.00673507,0.0166067,0.00859008,0.0150649,0.0388228,"
        + "0.0310562,0.00198415,0.000482555,0.000408393,healthy")
  }

  @Test("six rows already show every class, and every feature has a unit")
  func classes() {
    let data = MotorSimulator(seed: 9).dataset(rows: 6)
    #expect(Set(data.targets[0].vocabulary) == Set(MotorSimulator.classes))
    #expect(MotorSimulator.classes.count == 5)
    #expect(Set(MotorSimulator.units.keys) == Set(MotorSimulator.featureNames))
    #expect(data.readings.allSatisfy { $0.isFinite })
  }

  /// A condition at 40 turns a second of a machine that hardly shakes by itself.
  static func condition(_ fault: MotorFault, severity: Double) -> MotorCondition {
    var random = RandomSource(seed: 2)
    var motor = Motor(&random)
    motor.noise = 1e-4
    motor.gain = 1
    return MotorCondition(
      motor: motor, fault: fault, severity: severity, shaftFrequency: 40, load: 0.8, current: 10,
      temperature: 50)
  }

  static func features(_ condition: MotorCondition) -> [String: Double] {
    var waveform = MotorWaveform()
    var random = RandomSource(seed: 4)
    waveform.record(condition, noise: &random)
    let values = MotorFeatures().condensed(waveform, condition)
    return Dictionary(uniqueKeysWithValues: zip(MotorSimulator.featureNames, values))
  }

  @Test("the amplitudes are those that were put in")
  func amplitudes() throws {
    let condition = Self.condition(.imbalance, severity: 0.5)
    let features = Self.features(condition)
    // At 40 Hz forces are (40/50)^2 of those at 50 Hz. The ringing housing adds up to 0.005 g.
    let first = (condition.motor.residualImbalance + 0.25) * 0.64
    #expect((try #require(features["x_1x"]) - first).magnitude < 0.005)
    let second = condition.motor.residualMisalignment * 0.9
    #expect((try #require(features["x_2x"]) - second).magnitude < 0.005)
    #expect((try #require(features["x_3x"]) - 0.008).magnitude < 0.005)
    // A sine of 40 Hz: v = a / (2 pi f), its effective value over sqrt(2). The leak of the integral
    // at 10 Hz takes 3 % off, the other harmonics add as little.
    let velocity = first * 9806.65 / (2 * .pi * 40) / 2.0.squareRoot()
    #expect((try #require(features["velocity_x"]) / velocity - 1).magnitude < 0.06)
  }

  @Test("each fault shows where the textbook says")
  func signatures() throws {
    let healthy = Self.features(Self.condition(.healthy, severity: 0))
    func growth(_ fault: MotorFault, _ name: String) throws -> Double {
      let features = Self.features(Self.condition(fault, severity: 1))
      return try #require(features[name]) / #require(healthy[name])
    }
    #expect(try growth(.imbalance, "x_1x") > 4)
    #expect(try growth(.imbalance, "x_2x") < 1.5)
    #expect(try growth(.misalignment, "x_2x") > 4)
    #expect(try growth(.misalignment, "axial_2x") > 4)
    #expect(try growth(.bearingOuter, "envelope_bpfo") > 10)
    #expect(try growth(.bearingInner, "envelope_bpfi") > 10)
    // Only the inner race passes through the load zone with the shaft.
    #expect(try growth(.bearingInner, "envelope_1x") > 2 * growth(.bearingOuter, "envelope_1x"))
    #expect(try growth(.bearingOuter, "kurtosis_x") > 1.3)
    #expect(try growth(.imbalance, "band_high_x") < 1.5)
  }

  @Test("a long record holds each class, most of it healthy")
  func balance() {
    var fleet = MotorFleet(seed: 1)
    var counts: [MotorFault: Int] = [:]
    for _ in 0..<6000 {
      let condition = fleet.next()
      counts[condition.fault, default: 0] += 1
      #expect((condition.severity == 0) == (condition.fault == .healthy))
      #expect(condition.temperature > 10 && condition.temperature < 100)
      #expect(condition.shaftFrequency > 15 && condition.shaftFrequency < 52)
    }
    #expect(counts.values.allSatisfy { $0 > 400 })
    #expect((2000...3600).contains(counts[.healthy] ?? 0))
  }
}
