// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQQuantize
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct ExportTests {
  private let program = CProgram()

  @Test(
    "the C source compiles without a warning and answers the self-test vectors",
    .enabled(if: CProgram.hasCompiler, "gcc is missing"), arguments: sampleShapes.indices)
  func compiles(index: Int) throws {
    let (kind, widths, activation) = sampleShapes[index]
    let model = try Int8Model.quantizing(
      sampleFloatModel(
        kind, widths: widths, activation: activation, counted: index.isMultiple(of: 2),
        seed: UInt64(index)), QuantizationSettings()
    ).model
    let path = program("model.int8.bin")
    try writeFile(try Model.int8(model).serialized(), to: path)
    let captured = CapturedConsole()
    #expect(captured.run("export", path, "--to", "c", "-o", program("my-motor.2.c")) == .success)
    #expect(captured.output.text.isEmpty)

    let vectors = model.image.selfTests
    let rows = vectors.map { "{\($0.input.map { "\($0)" }.joined(separator: ", "))}" }
    let main = """
      #define VECTORS \(vectors.count)
      #define INPUTS {\(rows.joined(separator: ", "))}
      \(Self.main)
      """
    try writeFile(Array(main.utf8), to: program("main.c"))
    try #require(program.compile("my-motor.2.c", "main.c"))
    let output = try #require(program.output())
    let answers = vectors.map { $0.output.map { "\($0) " }.joined() }
    #expect(output == (answers + model.features.map(\.name)).map { "\($0)\n" }.joined())
  }

  private static let main = """
    #include "my-motor.2.h"
    #include "nnq.h"
    #include <stdio.h>
    #include <string.h>

    static const my_motor_2_input_code inputs[VECTORS][MY_MOTOR_2_INPUTS] = INPUTS;

    int main(void) {
      nnq_model model;
      uint32_t arena[MY_MOTOR_2_ARENA_WORDS];
      my_motor_2_input_code scratch[MY_MOTOR_2_INPUTS];
      my_motor_2_output_code output[MY_MOTOR_2_OUTPUTS];
      if (nnq_load(&model, my_motor_2_image, sizeof my_motor_2_image) != NNQ_OK) return 1;
      if (nnq_arena_bytes(&model) != MY_MOTOR_2_ARENA_BYTES) return 2;
      if (nnq_selftest(&model, scratch, output, arena, sizeof arena) != NNQ_OK) return 3;
      for (unsigned v = 0; v < VECTORS; v++) {
        if (nnq_run(&model, inputs[v], output, arena, sizeof arena) != NNQ_OK) return 4;
        for (unsigned o = 0; o < MY_MOTOR_2_OUTPUTS; o++) printf("%d ", (int)output[o]);
        puts("");

        /* The same in one buffer, in which they may overlap. */
        uint32_t ram[MY_MOTOR_2_RAM_WORDS];
        uint8_t *start = (uint8_t *)ram;
        memcpy(start + MY_MOTOR_2_INPUT_AT, inputs[v], sizeof inputs[v]);
        nnq_status status = nnq_run(&model, start + MY_MOTOR_2_INPUT_AT, start + MY_MOTOR_2_OUTPUT_AT,
                                    start + MY_MOTOR_2_ARENA_AT, MY_MOTOR_2_ARENA_BYTES);
        if (status != NNQ_OK) return 5;
        if (memcmp(start + MY_MOTOR_2_OUTPUT_AT, output, sizeof output) != 0) return 6;
      }
      for (unsigned i = 0; i < MY_MOTOR_2_INPUTS; i++) puts(my_motor_2_features[i]);
      return 0;
    }
    """

  @Test(
    "names that mean something to a compiler stay text",
    .enabled(if: CProgram.hasCompiler, "gcc is missing"))
  func hostileNames() throws {
    var float = sampleFloatModel(.multiclass, widths: [3, 2], seed: 1)
    float.features[0].name = "*/ int x; /* \"\\\n??/ é"
    float.features[0].unit = "*/ \u{7} ??/\n#error"
    float.task.labels = ["%s\"", "\\"]
    let model = try Int8Model.quantizing(float, QuantizationSettings()).model
    let path = program("model.int8.bin")
    try writeFile(try Model.int8(model).serialized(), to: path)
    #expect(CapturedConsole().run("export", path, "--to", "c", "-o", program("m.c")) == .success)
    let main = """
      #include "m.h"
      #include <stdio.h>
      int main(void) {
        return fputs(m_features[0], stdout) < 0 || fputs(m_labels[0], stdout) < 0 ||
               fputs(m_labels[1], stdout) < 0;
      }
      """
    try writeFile(Array(main.utf8), to: program("main.c"))
    try #require(program.compile("m.c", "main.c"))
    #expect(program.output() == float.features[0].name + "%s\"\\")
  }

  @Test("the image is the flat image, from a packed model and from an image")
  func image() throws {
    let model = try Int8Model.quantizing(
      sampleFloatModel(.binary, widths: [5, 7, 1], seed: 2), QuantizationSettings()
    ).model
    try writeFile(try Model.int8(model).serialized(), to: program("model.int8.bin"))
    for (from, to) in [("model.int8.bin", "a.nnq"), ("a.nnq", "b.nnq")] {
      let code = CapturedConsole().run(
        "export", program(from), "--to", "image", "-o", program(to))
      #expect(code == .success)
      let bytes = try readFile(program(to), limit: FormatLimit.file)
      #expect(bytes == (try model.image.serialized()))
    }
    #expect(
      CapturedConsole().run("export", program("b.nnq"), "--to", "c", "-o", program("b.c"))
        == .success)
    #expect(text(of: program("b.h"))?.contains("_features") == false)
  }

  @Test("refuses a float model and names that are no C files, and writes nothing")
  func refusals() throws {
    let float = sampleFloatModel(.binary, widths: [5, 7, 1], seed: 2)
    let (path, int8) = (program("model.bin"), program("model.int8.bin"))
    try writeFile(try Model.float(float).serialized(), to: path)
    let captured = CapturedConsole()
    #expect(captured.run("export", path, "--to", "image", "-o", program("x")) == .badInput)
    #expect(captured.errors.text.contains("hint: quantize it first"))
    let model = try Int8Model.quantizing(float, QuantizationSettings()).model
    try writeFile(try Model.int8(model).serialized(), to: int8)
    for name in ["x", "x.h", ".c", "_.c", "a b.c", "a\".c", "é.c", "nnq.c"] {
      #expect(CapturedConsole().run("export", int8, "--to", "c", "-o", program(name)) == .usage)
    }
    #expect(CapturedConsole().run("export", int8, "--to", "keras", "-o", program("x")) == .usage)
    #expect(text(of: program("x")) == nil)
  }

  @Test(
    "a path gives the header and the start of all names",
    arguments: [
      ("motor.c", "motor.h", "motor"), ("out/2-axis.v1.c", "2-axis.v1.h", "model_2_axis_v1"),
      ("/tmp/_x.c", "_x.h", "model__x"),
    ])
  func names(path: String, header: String, identifier: String) throws {
    let name = try #require(CFileName(path))
    #expect(name.header == header)
    #expect(name.identifier == identifier)
    #expect(name.headerPath == path.dropLast(1) + "h")
  }
}
