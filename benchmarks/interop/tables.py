# SPDX-License-Identifier: Apache-2.0
"""Compares activations between int8 tensors with LiteRT's reference kernels: 0 differences expected."""
import subprocess
import sys
import tempfile
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

NNQ = sys.argv[1]
folder = Path(tempfile.mkdtemp(prefix="nnq-interop-"))
random = np.random.default_rng(3)
# The number of each operator and the scale and zero point that TFLite fixes for its output.
OPERATORS = {"TANH": (28, 1 / 128, 0), "LOGISTIC": (14, 1 / 256, -128), "RELU": (19, None, None),
             "RELU6": (21, None, None), "LEAKY_RELU": (98, None, None), "GELU": (150, None, None),
             "HARD_SWISH": (117, None, None)}
NETS, ROWS, INPUTS, OUTPUTS = 120, 400, 12, 9


def network(code, taken, hidden, made):
    """A dense layer and an activation behind it; each tensor with its scale and zero point."""
    model = schema.ModelT(version=3, buffers=[schema.BufferT()], description="table")
    model.operatorCodes = [
        schema.OperatorCodeT(
            deprecatedBuiltinCode=min(number, 127), builtinCode=number, version=version)
        for number, version in ((9, 4), (code, 1 if code in (117, 150) else 2))]
    graph = schema.SubGraphT(tensors=[])

    def tensor(name, shape, kind, scales, zeros, data=None):
        quantization = schema.QuantizationParametersT(
            scale=np.array(scales, np.float32), zeroPoint=np.array(zeros, np.int64))
        buffer = 0
        if data is not None:
            buffer = len(model.buffers)
            content = np.frombuffer(data.tobytes(), np.uint8)
            model.buffers.append(schema.BufferT(data=content))
        graph.tensors.append(schema.TensorT(
            name=name, shape=shape, type=kind, buffer=buffer, quantization=quantization))
        return len(graph.tensors) - 1

    weights = random.integers(-127, 128, (OUTPUTS, INPUTS)).astype(np.int8)
    scales = random.uniform(0.001, 0.02, OUTPUTS).astype(np.float32)
    bias = random.integers(-3000, 3000, OUTPUTS).astype(np.int32)
    x = tensor("x", [1, INPUTS], 9, [taken[0]], [taken[1]])
    w = tensor("w", [OUTPUTS, INPUTS], 9, scales, [0] * OUTPUTS, weights)
    b = tensor("b", [OUTPUTS], 2, scales * np.float32(taken[0]), [0] * OUTPUTS, bias)
    h = tensor("h", [1, OUTPUTS], 9, [hidden[0]], [hidden[1]])
    y = tensor("y", [1, OUTPUTS], 9, [made[0]], [made[1]])
    graph.operators = [
        schema.OperatorT(
            opcodeIndex=0, inputs=[x, w, b], outputs=[h], builtinOptionsType=8,
            builtinOptions=schema.FullyConnectedOptionsT()),
        schema.OperatorT(opcodeIndex=1, inputs=[h], outputs=[y], **options(code))]
    graph.inputs, graph.outputs = [x], [y]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def options(code):
    """The options that an operator needs."""
    if code == 98:
        return {"builtinOptionsType": 75,
                "builtinOptions": schema.LeakyReluOptionsT(alpha=float(random.uniform(0.01, 0.9)))}
    if code == 117:
        return {"builtinOptionsType": 91, "builtinOptions": schema.HardSwishOptionsT()}
    if code == 150:
        return {"builtinOptionsType": 116,
                "builtinOptions": schema.GeluOptionsT(approximate=bool(random.integers(2)))}
    return {}


def scale(low, high):
    return float(np.float32(random.uniform(low, high)))


def litert(path, rows):
    interpreter = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    answers = []
    for row in rows:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], row[None])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    return np.array(answers)


for name, (code, fixed, zero) in OPERATORS.items():
    different = 0
    for _ in range(NETS):
        hidden = (scale(0.005, 0.12), int(random.integers(-128, 128)))
        made = (fixed, zero)
        if fixed is None:
            made = (float(random.choice([hidden[0], scale(0.005, 0.1)])),
                    int(random.choice([-128, hidden[1]])))
        path, codes = folder / "net.tflite", folder / "codes.npy"
        taken = (scale(0.005, 0.1), int(random.integers(-128, 128)))
        path.write_bytes(network(code, taken, hidden, made))
        rows = random.integers(-128, 128, (ROWS, INPUTS)).astype(np.int8)
        np.save(codes, rows)
        for words in (["import", path, "-o", folder / "net.bin", "--task", "regression"],
                      ["predict", folder / "net.bin", codes, "--codes", "-o", folder / "own.npy"]):
            subprocess.run([NNQ, *map(str, words)], check=True, capture_output=True)
        different += int((np.load(folder / "own.npy") != litert(path, rows)).sum())
    print(f"{name}: {different} of {NETS * ROWS * OUTPUTS} codes differ from LiteRT's")
