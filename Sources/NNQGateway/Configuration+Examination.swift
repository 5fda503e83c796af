// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

extension Configuration {
  /// Reads what the settings name, as a start would: model, shadow, key ring, lists, state, password and
  /// certificates. Nothing is opened for others and nothing is written.
  ///
  /// - Throws: ``GatewayError`` with the first file that would stop the daemon.
  package func examine() throws(GatewayError) {
    _ = try Daemon.ring(keys)
    if let model {
      do throws(ModelRefusal) { _ = try ModelCheck(self).candidate(model) } catch {
        throw .model(file: model, error)
      }
    }
    _ = try Shadow.read(shadow)
    _ = try Daemon.devices(devices)
    if let socket { try SocketPath(socket).examine() }
    if let models { try Self.examine(folder: models, for: R_OK | X_OK) }
    if let state, unsafe access(state, F_OK) == 0 {
      try Self.examine(folder: state, for: R_OK | W_OK | X_OK)
      _ = try ModelStore(state).load()
    }
    #if MQTT
      _ = try MQTTLink.password(mqttPasswordFile)
    #endif
    for path in [mqttCertificate, mqttKey].compactMap({ $0 }) {
      do throws(FileError) { _ = try readFile(path, limit: 1 << 20) } catch { throw .file(error) }
    }
    if let mqttAuthorities, unsafe access(mqttAuthorities, R_OK) != 0 {
      throw .file(FileError(path: mqttAuthorities, operation: .open, code: errno))
    }
  }

  private static func examine(folder: String, for rights: Int32) throws(GatewayError) {
    var status = stat()
    var code: Int32 = 0
    if unsafe stat(folder, &status) != 0 {
      code = errno
    } else if status.st_mode & S_IFMT != S_IFDIR {
      code = ENOTDIR
    } else if unsafe access(folder, rights) != 0 {
      code = errno
    }
    if code != 0 { throw .file(FileError(path: folder, operation: .open, code: code)) }
  }
}
