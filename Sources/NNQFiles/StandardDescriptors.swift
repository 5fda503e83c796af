// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Occupies the descriptors 0, 1 and 2 where the caller closed them, so that no file that is opened
/// later takes the place of a standard stream and receives its text.
public func keepStandardDescriptors() {
  for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
    // Opened the wrong way round: using the stream stays an error.
    _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
  }
}
