// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Which file stands under a path, for as long as that is there.
struct FilePlace: Equatable, Sendable {
  private let device: dev_t
  private let inode: ino_t

  /// - Parameter followsLinks: whether a symbolic link is what it points to.
  /// - Returns: nil where nothing is.
  init?(_ path: String, followsLinks: Bool = true) {
    var status = stat()
    let code = followsLinks ? unsafe stat(path, &status) : unsafe lstat(path, &status)
    guard code == 0 else { return nil }
    device = status.st_dev
    inode = status.st_ino
  }
}
