// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQRuntime
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Devices and kernels that this machine may lack.
@Suite(.enabled(if: ChildProcess.isThere, "the program was not built beside the tests"))
struct DeviceAndKernelTests {
  private static let runtime = "\(packageRoot)/firmware-runtime"

  @Test(
    "a target whose tools are missing names them and their packages",
    arguments: [
      (
        "cortex-m0", "make, cc, arm-none-eabi-gcc, qemu-system-arm",
        "make gcc gcc-arm-none-eabi qemu-system-arm"
      ),
      (
        "riscv32", "make, cc, riscv64-unknown-elf-gcc, qemu-system-riscv32",
        "make gcc gcc-riscv64-unknown-elf qemu-system-misc"
      ),
      ("wasm32", "make, clang, wasm-ld, node", "make clang lld nodejs"),
    ])
  func missingTools(target: String, tools: String, packages: String) {
    let files = TrainedModel.of(.binary).files()
    let answer = ChildProcess.run(
      "PATH=/absent \"$NNQ\" bench '\(files.int8)' --target \(target) --runtime '\(Self.runtime)'")
    expect(
      answer, .inputOutput, "\(target): \(tools) are not installed", hint: "install \(packages)")
    #expect(answer.output.isEmpty)
  }

  @Test("one tool that is missing is one")
  func missingTool() {
    let files = TrainedModel.of(.binary).files()
    let tools = fakeTools("exit 1", in: files)
    unsafe unlink("\(tools)/qemu-system-arm")
    let answer = ChildProcess.run(
      "PATH='\(tools)' \"$NNQ\" bench '\(files.int8)' --target cortex-m0 --runtime '\(Self.runtime)'"
    )
    expect(
      answer, .inputOutput, "cortex-m0: qemu-system-arm is not installed",
      hint: "install qemu-system-arm")
  }

  @Test(
    "the line of a failed build that says why is the hint",
    arguments: [
      (
        "a.c:1: error: no\ncollect2: error: ld returned 1\nmake: *** [x] Error 1",
        "a.c:1: error: no"
      ),
      (
        "collect2: error: ld returned 1\nld: FLASH overflowed by 9 bytes",
        "ld: FLASH overflowed by 9 bytes"
      ),
      ("ld: cannot find -lc\ncollect2: error: ld returned 1\n\n", "ld: cannot find -lc"),
      ("one\nKilled\n  \nmake: *** [run] Error 137\n", "Killed"),
      ("make[1]: Entering\nmake: *** No rule\n", "make: *** No rule"), (" \n", nil), ("", nil),
    ])
  func hint(text: String, expected: String?) {
    #expect(reason(of: text) == expected)
  }

  /// A script in place of make, beside stand-ins for what devices are built and run with.
  private func fakeTools(_ make: String, in files: TrainedModel.Files) -> String {
    let folder = files.folder.makeFolder("tools")
    for name in ["cc", "arm-none-eabi-gcc", "avr-gcc", "qemu-system-arm", "make"] {
      let script = "#!/bin/sh\n\(name == "make" ? make : "exit 1")\n"
      let path = files.folder.put(script, in: "tools/\(name)")
      unsafe chmod(path, 0o755)
    }
    return folder
  }

  @Test("what was measured before a target fails is printed, and the failure decides the code")
  func laterFailure() throws {
    let files = TrainedModel.of(.binary).files()
    let tools = fakeTools(
      """
      case "$*" in *TARGET=cortex-m3*) echo "ld: region FLASH overflowed by 9 bytes"; exit 2;; esac
      echo digest_high 1; echo digest_low 2; echo most_instructions 77; echo text_bytes 5
      """, in: files)
    let line =
      "PATH='\(tools)':$PATH \"$NNQ\" bench '\(files.int8)' --target cortex-m0,cortex-m3,host"
      + " --runtime '\(Self.runtime)'"
    for json in [false, true] {
      let answer = ChildProcess.run(line + (json ? " --json" : ""))
      expect(
        answer, .inputOutput, "cortex-m3: \(files.int8) cannot be built or run there",
        hint: "ld: region FLASH overflowed by 9 bytes")
      if json {
        let results = try answer.json()["results"]?.elements ?? []
        #expect(results.map { $0["target"]?.string } == ["cortex-m0"])
        #expect(results.first?["instructions"]?.double == 77)
      } else {
        #expect(answer.output.split(separator: "\n").contains { $0.contains("cortex-m0") })
        #expect(!answer.output.contains("kernels of this machine"))
      }
    }
  }

  @Test("an interrupted build leaves no folder and no process", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let files = TrainedModel.of(.binary).files()
    let scratch = files.folder.makeFolder("scratch")
    let tools = fakeTools(
      """
      for word in "$@"; do
        case $word in BUILD=*) mkdir -p "${word#BUILD=}/deep";; TMPDIR=*) touch "${word#*=}/cc.s";; esac
      done
      (trap '' INT TERM; exec sleep 1000) &
      echo $! >'\(files.folder("child.new"))'
      mv '\(files.folder("child.new"))' '\(files.folder("child"))'
      wait
      """, in: files)
    let child = ChildProcess(
      "export TMPDIR='\(scratch)' PATH='\(tools)':$PATH\n"
        + "exec \"$NNQ\" bench '\(files.int8)' --target cortex-m0 --runtime '\(Self.runtime)'")
    var polls = 0
    while files.folder.text("child") == nil, polls < 2_000 {
      usleep(10_000)
      polls += 1
    }
    let process = try #require(files.folder.text("child").flatMap { pid_t($0.dropLast()) })
    #expect(TemporaryFolder.names(in: scratch).count == 1)
    child.send(signal)
    let answer = child.finish()
    #expect(answer.code == 128 + signal && answer.errors.isEmpty, "\(answer.errors)")
    #expect(TemporaryFolder.names(in: scratch).isEmpty)
    // One that has ended and waits for its new parent has no words any more.
    #expect(fileBytes("/proc/\(process)/cmdline") ?? [] == [])
  }

  @Test(
    "the RAM of an AVR holds the image too",
    .enabled(
      if: DeviceTarget.avr.tools.allSatisfy { !$0.name.contains("/") || hasTool($0.name) },
      "no headers of avr-libc and simavr"))
  func imageInRAM() throws {
    let files = TrainedModel.of(.binary).files()
    let tools = fakeTools("echo digest_high 1; echo digest_low 2", in: files)
    let answer = ChildProcess.run(
      "PATH='\(tools)':$PATH \"$NNQ\" bench '\(files.int8)' --target cortex-m0,avr --json"
        + " --runtime '\(Self.runtime)'")
    let ram = try answer.json()["results"]?.elements.compactMap { $0["ram_bytes"]?.double } ?? []
    try #require(ram.count == 2)
    #expect(ram[1] == ram[0] + Double(TrainedModel.of(.binary).image.count))
  }

  @Test("a folder without the runtime's sources is no place to build a device from")
  func runtimeFolder() {
    let files = TrainedModel.of(.binary).files()
    let folder = files.folder("absent")
    for line in ["--runtime '\(folder)'", ""] {
      let answer = ChildProcess.run(
        "NNQ_RUNTIME='\(folder)' \"$NNQ\" bench '\(files.int8)' --target cortex-m0 \(line)")
      expect(
        answer, .usage, "\(folder): no folder of firmware-runtime",
        hint: "give the one that holds targets/Makefile")
    }
  }

  @Test("a device does not run a float model")
  func floatModel() {
    let files = TrainedModel.of(.binary).files()
    let answer = ChildProcess.run(
      "\"$NNQ\" export '\(files.float)' --to image --layout cortex-m4 -o '\(files.folder("x"))'")
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(answer.errors.contains("hint: quantize it first"))
    #expect(files.folder.bytes("x") == nil)
  }

  @Test("layouts of one model differ, keep to themselves and say which they are")
  func layouts() throws {
    let files = TrainedModel.of(.multiclass).files()
    let plain = files.folder("plain")
    expectSuccess(nnq("export", files.int8, "--to", "image", "-o", plain))
    for layout in ["cortex-m4", "cortex-m55"] {
      let path = files.folder(layout)
      expectSuccess(nnq("export", files.int8, "--to", "image", "--layout", layout, "-o", path))
      #expect(files.folder.bytes(layout) != files.folder.bytes("plain"))
      // No machine but a device with this layout runs it.
      for verb in [
        ["inspect"], ["verify"], ["bench"], ["export", "--to", "c", "-o", plain + ".c"],
      ] {
        let answer = nnq([verb[0], path] + verb.dropFirst())
        #expect(answer.code == ExitCode.badInput.rawValue, "\(verb) \(answer.errors)")
        #expect(answer.errors.hasPrefix("nnq: error: "))
      }
    }
  }

  @Test("a kernel that this CPU lacks is refused by name, wherever it is named")
  func missingKernels() throws {
    let files = TrainedModel.of(.binary).files()
    let available = FirmwareRuntime.availableKernels
    let known = ["avx2", "avxvnni", "avx512vnni", "neon", "neondot"]
    let hint = "it has \(available.joined(separator: ", "))"
    let missing = try #require(known.first { !available.contains($0) })
    expect(
      nnq("bench", files.int8, "--kernel", "scalar,\(missing)"), .usage,
      "--kernel: \"\(missing)\" is no kernel of this machine", hint: hint)
    for line in [
      "bench '\(files.int8)' --batch 1", "eval '\(files.int8)' '\(files.test)'",
      "predict '\(files.int8)' '\(files.test)'",
    ] {
      let answer = ChildProcess.run("NNQ_KERNEL=\(missing) \"$NNQ\" \(line)")
      expect(
        answer, .usage, "NNQ_KERNEL: \"\(missing)\" is no kernel of this machine", hint: hint)
    }
    let answer = ChildProcess.run(
      "NNQ_KERNEL=scalar \"$NNQ\" bench '\(files.int8)' --batch 1 --json")
    #expect(try answer.json()["results"]?.elements.first?["kernel"]?.string == "scalar")
  }
}
