// SPDX-License-Identifier: Apache-2.0

/// Stands for the error of the module of this name, which a device has no use for: flat images are not
/// compressed.
public enum ZstdError: Error, Equatable, Sendable {}
