// SPDX-License-Identifier: Apache-2.0
import NNQGateway
import NNQTestSupport
import Testing

@Suite struct ClockTests {
  @Test("counts a jump of the wall clock, and neither the passing of time nor small steps")
  func jumps() {
    var watch = ClockWatch()
    #expect(watch.look(monotonic: 0, wall: 1_000_000) == nil)
    #expect(watch.look(monotonic: 1000, wall: 1_001_000) == nil)
    #expect(watch.look(monotonic: 900_000, wall: 1_900_400) == nil)
    #expect(watch.look(monotonic: 901_000, wall: 1_901_400 + 3_600_000) == 3_600_000)
    #expect(watch.look(monotonic: 902_000, wall: 1_902_400 + 3_600_000) == nil)
    #expect(watch.look(monotonic: 903_000, wall: -5) == -5_503_405)
    #expect(watch.look(monotonic: .max, wall: .min) != nil)
    #expect(watch.jumps == 3)
  }

  @Test("goes on as before when the wall clock is set back and forth by years")
  func daemon() throws {
    var configuration = Configuration()
    configuration.model = packageRoot + "/models/motor-fault/model.int8.bin"
    configuration.allowsUnsigned = true
    configuration.readsStandardInput = true
    configuration.stallSeconds = 1
    let daemon = try Daemon(configuration)
    var wall: Int64 = 1_700_000_000_000
    daemon.wallClock = { wall }
    let deadline = monotonicMilliseconds() + 20_000
    while daemon.clockWatch.jumps < 2, monotonicMilliseconds() < deadline {
      wall = wall > 0 ? -1_000_000_000_000 : 4_000_000_000_000
      daemon.turn(timeout: 50)
    }
    #expect(daemon.clockWatch.jumps >= 2)
    #expect(daemon.metricsText().contains("\nnnqd_clock_jumps_total \(daemon.clockWatch.jumps)\n"))
    #expect(daemon.loopCounters.slowConsumers == 0 && daemon.loopCounters.halfOpen == 0)
  }
}
