// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQSigning

extension Daemon {
  /// Reads again what can change while the daemon runs: the settings that ``Setting/isLive`` names, the
  /// list of devices, the shadow, the key ring, and the models' folder as if all in it were new. When
  /// anything is wrong with them, all stays as it is.
  package func reload() {
    let ring: KeyRing?
    do throws(GatewayError) {
      let next = try reread()
      try next.check(hasSocket: ServiceManager.isActivated)
      try next.examineGiven()
      let devices = try Self.devices(next.devices)
      let shadow = try Shadow.read(next.shadow)
      ring = try Self.ring(next.keys)
      take(next)
      engine.allowedDevices = devices
      if shadow?.digest != engine.shadow?.digest { engine.shadow = shadow }
    } catch {
      loopCounters.failedReloads += 1
      return Log.write(.error, "reload: nothing is changed: \(error.sentence)")
    }
    loopCounters.reloads += 1
    Log.write(.notice, "reloaded")
    checkTrust(ring, monotonicMilliseconds())
    if let path = folder?.path {
      folder = ModelFolder(path)
      look(skipsDone: true)
    }
  }

  private func take(_ next: Configuration) {
    for setting in Setting.all {
      if setting.isLive {
        _ = setting.copy(&configuration, next)
      } else {
        var other = configuration
        if setting.copy(&other, next) {
          Log.write(.warning, "\(setting.name) has changed, which counts from the next start on")
        }
      }
    }
    rollout.limits = configuration.rolloutLimits
  }

  /// The key ring of a file; nil without a file.
  static func ring(_ path: String?) throws(GatewayError) -> KeyRing? {
    guard let path else { return nil }
    do throws(ModelRefusal) { return try ModelCheck.ring(path) } catch {
      throw .model(file: "keyring", error)
    }
  }

  /// The devices that a file names, one a line; nil, which is all, without a file.
  static func devices(_ path: String?) throws(GatewayError) -> Set<[UInt8]>? {
    guard let path else { return nil }
    do throws(FileError) {
      return Set(
        try readGivenFile(path, limit: 1 << 26).split { $0 == 0x0A || $0 == 0x0D }.map(Array.init))
    } catch { throw .file(error) }
  }
}
