// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A kind of device that an emulator stands in for.
enum DeviceTarget: String, CaseIterable, Sendable {
  case cortexM0 = "cortex-m0"
  case cortexM3 = "cortex-m3"
  case cortexM4 = "cortex-m4"
  case cortexM7 = "cortex-m7"
  case cortexM33 = "cortex-m33"
  case cortexM55 = "cortex-m55"
  case riscv32
  case avr
  case wasm32

  /// What a target is built and run with.
  struct Tool: Equatable, Sendable {
    /// A command that is searched for, or the path of a file.
    let name: String
    /// The Debian package that has it.
    let package: String
  }

  var tools: [Tool] {
    let make = Tool(name: "make", package: "make")
    let compiler = Tool(name: "cc", package: "gcc")
    switch self {
    case .riscv32:
      return [
        make, compiler,
        Tool(name: "riscv64-unknown-elf-gcc", package: "gcc-riscv64-unknown-elf"),
        Tool(name: "qemu-system-riscv32", package: "qemu-system-misc"),
      ]
    case .avr:
      return [
        make, compiler, Tool(name: "avr-gcc", package: "gcc-avr"),
        Tool(name: "/usr/lib/avr/include/avr/io.h", package: "avr-libc"),
        Tool(name: "/usr/include/simavr/sim_avr.h", package: "libsimavr-dev"),
      ]
    case .wasm32:
      return [
        make, Tool(name: "clang", package: "clang"), Tool(name: "wasm-ld", package: "lld"),
        Tool(name: "node", package: "nodejs"),
      ]
    default:
      return [
        make, compiler, Tool(name: "arm-none-eabi-gcc", package: "gcc-arm-none-eabi"),
        Tool(name: "qemu-system-arm", package: "qemu-system-arm"),
      ]
    }
  }

  /// The layout that suits the CPU best.
  var layout: DeviceLayout {
    switch self {
    case .cortexM4, .cortexM7, .cortexM33: .cortexM4
    case .cortexM55: .cortexM55
    default: .portable
    }
  }

  /// Whether the compiler puts an exported image into RAM: the flash of an AVR has an address space of its
  /// own, which no plain pointer reads.
  var keepsConstantsInRAM: Bool { self == .avr }

  /// How many rows are compared; the emulator of the AVR is slow.
  var vectors: Int { self == .avr ? 10 : 100 }
}
