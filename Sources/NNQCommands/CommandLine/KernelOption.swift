// SPDX-License-Identifier: Apache-2.0
import NNQRuntime
import NNQWords

extension KernelChoice {
  /// What the variable `NNQ_KERNEL` names; the best when it is not set or empty.
  ///
  /// - Throws: ``Failure`` when this machine has no such kernel.
  static func ofEnvironment() throws(Failure) -> KernelChoice {
    guard let name = environment("NNQ_KERNEL"), !name.isEmpty else { return .best }
    return try KernelChoice(named: name, in: "NNQ_KERNEL")
  }

  fileprivate init(named name: String, in place: String) throws(Failure) {
    let available = FirmwareRuntime.availableKernels
    guard available.contains(name) else {
      throw Failure(
        .usage, "\(place): \(quoted(name)) is no kernel of this machine",
        hint: "it has \(available.joined(separator: ", "))")
    }
    self = .named(name)
  }
}

extension ParsedArguments {
  /// The kernels that a list names, or all; that of the environment when it is not given.
  func kernels(_ name: String) throws(Failure) -> [KernelChoice] {
    let names = try list(name)
    guard !names.isEmpty else { return [try KernelChoice.ofEnvironment()] }
    guard names != ["all"] else { return FirmwareRuntime.availableKernels.map { .named($0) } }
    var kernels: [KernelChoice] = []
    for kernel in names { kernels.append(try KernelChoice(named: kernel, in: name)) }
    return kernels
  }
}
