// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// The place of the daemon's socket among the files.
struct SocketPath: Sendable {
  let path: String
  /// Of the socket that was made here: another daemon may put its own in its place.
  private var place: FilePlace?

  init(_ path: String) { self.path = path }

  /// Says whether a socket can be made here; one that is there already may be in use or left behind.
  ///
  /// - Throws: ``GatewayError`` when something else is there, or the path is too long or leads nowhere.
  func examine() throws(GatewayError) {
    let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    guard path.utf8.count < limit else { throw GatewayError(call: "bind \(path)", ENAMETOOLONG) }
    var status = stat()
    // The file itself, not one that it points to.
    if unsafe lstat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
      return
    }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard unsafe access(folder, W_OK | X_OK) == 0 else {
      throw GatewayError(call: "bind \(path)", errno)
    }
  }

  /// Makes the socket and listens. One that a killed daemon left behind goes; one that answers is in
  /// use, and what is no socket stays.
  mutating func listen() throws(GatewayError) -> Int32 {
    try examine()
    let probe = unsafe gateway_connect(path)
    if probe >= 0 {
      close(probe)
      throw GatewayError(call: "bind \(path)", EADDRINUSE)
    }
    if errno == ECONNREFUSED { _ = unsafe unlink(path) }
    let listener = unsafe gateway_listen(path, 128)
    guard listener >= 0 else { throw GatewayError(call: "bind \(path)", errno) }
    place = FilePlace(path, followsLinks: false)
    return listener
  }

  /// Removes the socket that ``listen()`` made, while the listener is still open: its inode is not
  /// given to another file before.
  func remove() {
    guard let place, place == FilePlace(path, followsLinks: false) else { return }
    _ = unsafe unlink(path)
  }
}
