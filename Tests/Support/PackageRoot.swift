// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The folder of Package.swift.
public let packageRoot: String = {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
  return parts.joined(separator: "/")
}()

/// The folder with real data beside the project, or nil where it is absent.
public let sharedFolder: String? = {
  let path = packageRoot + "/../shared"
  return unsafe access(path + "/data/occupancy/train.csv", R_OK) == 0 ? path : nil
}()
