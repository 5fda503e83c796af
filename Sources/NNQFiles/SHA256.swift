// SPDX-License-Identifier: Apache-2.0
public enum SHA256 { public static func hexadecimal(_ bytes: [UInt8]) -> String { "" } }
