// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat
import NNQSigning

/// What a file must pass before it may run beside the live model: completeness, signature, limits,
/// self-test.
package struct ModelCheck: Sendable {
  package var memoryLimit: Int
  package var allowsUnsigned: Bool
  package var keys: String?
  package var deviceClass: String?
  /// False for a model that was taken in before: an end says until when one may be taken in.
  package var looksAtEnds = true

  package init(_ configuration: Configuration) {
    memoryLimit = configuration.memoryLimit
    allowsUnsigned = configuration.allowsUnsigned
    keys = configuration.keys
    deviceClass = configuration.deviceClass
  }

  /// What there is to say of a file of the watched folder; nil of a model that was done before, and
  /// of a file that has gone since it was listed.
  package func finding(_ folder: String, _ name: String, done: Set<String>) -> Finding? {
    do throws(ModelRefusal) {
      let candidate = try candidate("\(folder)/\(name)")
      return done.contains(candidate.model.identity) ? nil : .candidate(candidate)
    } catch {
      guard case .unreadable(let cause) = error, cause.code == ENOENT else {
        return .refused(name: name, error)
      }
      var status = stat()
      let isThere = unsafe lstat("\(folder)/\(name)", &status) == 0
      return isThere && status.st_mode & S_IFMT == S_IFLNK
        ? .refused(name: name, .danglingLink) : nil
    }
  }

  /// Reads a model's file and its signature, each once, and checks what was read.
  func candidate(_ path: String, signaturePath: String? = nil) throws(ModelRefusal) -> Candidate {
    var status = stat()
    // What a sparse file states is not read.
    if unsafe stat(path, &status) == 0, Int(status.st_size) > memoryLimit {
      throw .memory(needed: Int(status.st_size), limit: memoryLimit)
    }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readGivenFile(path, limit: memoryLimit) } catch {
      throw .unreadable(error)
    }
    guard bytes.count <= memoryLimit else {
      throw .memory(needed: bytes.count, limit: memoryLimit)
    }
    // Before anything else is said of it: a file that is still being written is no finding.
    try GatewayModel.checkCompleteness(bytes)
    let signature = Self.signature(signaturePath ?? path + ".sig")
    let accepted = try verify(bytes, signature)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let model = try GatewayModel(bytes, name: name, memoryLimit: memoryLimit)
    model.signature = accepted
    return Candidate(
      model: model, bytes: bytes, signature: signature, version: accepted?.modelVersion)
  }

  /// Says whether a model that was taken in may still run, with keys as they are now.
  func verifyAgain(_ model: GatewayModel, _ ring: KeyRing?) throws(ModelRefusal) {
    if allowsUnsigned, ring == nil || model.signature == nil { return }
    guard let ring else { throw .noKeys }
    guard let signature = model.signature else { throw .signature(.unsigned) }
    do throws(SignatureRefusal) {
      try SignatureCheck(keyRing: ring, deviceClass: deviceClass, now: 0).verifyAgain(signature)
    } catch { throw .signature(error) }
  }

  /// Nil for a model without a signature where that is allowed.
  private func verify(
    _ bytes: [UInt8], _ signature: [UInt8]?
  ) throws(ModelRefusal) -> ModelSignature? {
    if allowsUnsigned, keys == nil || signature == nil { return nil }
    guard let keys else { throw .noKeys }
    // The ring is read at every check, so that a revocation counts at once.
    let check = SignatureCheck(
      keyRing: try Self.ring(keys), deviceClass: deviceClass,
      now: looksAtEnds ? Int64(time(nil)) : 0)
    do throws(SignatureRefusal) {
      return try check.verify(model: bytes, signature: signature).signature
    } catch {
      throw .signature(error)
    }
  }

  static func ring(_ path: String) throws(ModelRefusal) -> KeyRing {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readGivenFile(path, limit: KeyRing.byteLimit) } catch {
      throw .unreadableKeys(error)
    }
    let ring: KeyRing
    do throws(SigningError) { ring = try KeyRing(parsing: bytes) } catch {
      throw .badKeys(file: path, error)
    }
    // What a full disk leaves of a ring that is written is no wish to trust nobody.
    guard !ring.keys.isEmpty else { throw .emptyKeys(file: path) }
    return ring
  }

  /// The bytes of a signature's file; nil where there is none. A pipe of this name, which might keep
  /// its reader waiting, is none.
  private static func signature(_ path: String) -> [UInt8]? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try? readFile(path, limit: 1 << 16)
  }
}
