// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc
import NNQFiles

extension Configuration {
  /// Reads what the settings name, as a start would: model, shadow, key ring, lists, state, password and
  /// certificates. Nothing is opened for others and nothing is written.
  ///
  /// - Throws: ``GatewayError`` with the first file that would stop the daemon.
  package func examine() throws(GatewayError) {
    try examineGiven()
    if let model {
      do throws(ModelRefusal) { _ = try ModelCheck(self).candidate(model) } catch {
        throw .model(file: model, error)
      }
    }
    _ = try Shadow.read(shadow)
    _ = try Daemon.devices(devices)
    if let socket { try SocketPath(socket).examine() }
    if let metrics { try Self.examine(address: metrics) }
    if let models { try Self.examine(folder: models, for: R_OK | X_OK) }
    if let state, unsafe access(state, F_OK) == 0 {
      try Self.examine(folder: state, for: R_OK | W_OK | X_OK)
      try examine(state: state)
    } else if let state {
      try Self.examine(folder: folder(of: state), for: W_OK | X_OK)
    }
    #if MQTT
      _ = try MQTTLink.password(mqttPasswordFile)
    #endif
  }

  /// Looks at the files that must be there already when the daemon starts: it and a check say the same
  /// of them.
  func examineGiven() throws(GatewayError) {
    _ = try Daemon.ring(keys)
    if let metricsFile {
      if unsafe access(metricsFile, F_OK) == 0 {
        do throws(FileError) { _ = try readGivenFile(metricsFile, limit: 1) } catch {
          throw .file(error)
        }
      }
      try Self.examine(folder: folder(of: metricsFile), for: W_OK | X_OK)
    }
    for path in [mqttCertificate, mqttKey].compactMap({ $0 }) {
      do throws(FileError) { _ = try readGivenFile(path, limit: 1 << 20) } catch {
        throw .file(error)
      }
    }
    if let mqttAuthorities { try Self.examine(authorities: mqttAuthorities) }
  }

  /// A file of certificates, or a folder of such files.
  private static func examine(authorities path: String) throws(GatewayError) {
    do throws(FileError) { try checkGivenFile(path) } catch {
      guard error.code == EISDIR else { throw .file(error) }
    }
    guard unsafe access(path, R_OK) == 0 else {
      throw .file(FileError(path: path, operation: .open, code: errno))
    }
  }

  /// The journal's files and the models of a state folder.
  private func examine(state: String) throws(GatewayError) {
    for name in namesOfFiles(in: state) where name.hasPrefix("journal-") && name.hasSuffix(".log") {
      do throws(FileError) { try checkGivenFile("\(state)/\(name)") } catch { throw .file(error) }
    }
    let store = ModelStore(state)
    guard let stored = try store.load() else { return }
    var check = ModelCheck(self)
    check.looksAtEnds = false
    let path = store.path(stored.live)
    do throws(ModelRefusal) {
      _ = try check.candidate(path, signaturePath: String(path.dropLast(4)) + ".sig")
    } catch { throw .model(file: path, error) }
  }

  /// Says whether a host is this machine, as a start finds it out, at a port that the system chooses: the
  /// one that is meant may be in use by the daemon that runs.
  private static func examine(address: String) throws(GatewayError) {
    let (host, _) = try Self.address(address, of: "metrics")
    guard unsafe gateway_try_host(host) == 0 else {
      throw GatewayError(call: "listen \(address)", errno)
    }
  }

  private func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
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
