# SPDX-License-Identifier: Apache-2.0
"""Compares imports and exports of nnq with onnxruntime and LiteRT's reference kernels.

Run it with benchmarks/interop/run; it needs numpy, onnx, onnxruntime and ai-edge-litert from PyPI.
"""
import json

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from onnx import TensorProto, helper, numpy_helper
from program import NETS, folder, nnq, shared

random = np.random.default_rng(1)


def values(model, rows):
    """The answers of a regression model as an array."""
    np.save(folder / "rows.npy", rows)
    lines = nnq("predict", model, folder / "rows.npy", "--json").splitlines()
    answers = [json.loads(line) for line in lines]
    return np.array([list(answer["values"].values()) for answer in answers])


def perceptron(widths, activation, version=17, product=False, scaler=True, bias=True):
    """A random net as ONNX."""
    nodes, constants, value = [], [], "x"

    def constant(name, array):
        constants.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name

    def node(operation, inputs, **attributes):
        output = f"v{len(nodes)}"
        nodes.append(helper.make_node(operation, inputs, [output], **attributes))
        return output

    if scaler:
        value = node("Sub", [value, constant("mean", random.normal(size=widths[0]))])
        value = node("Div", [value, constant("std", random.uniform(0.5, 3, widths[0]))])
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        weights = random.normal(size=(outputs, inputs)) * np.sqrt(2 / inputs)
        offsets = random.normal(size=outputs) * 0.3
        if product:
            value = node("MatMul", [value, constant(f"w{index}", weights.T)])
            if bias:
                value = node("Add", [value, constant(f"b{index}", offsets)])
        else:
            inputs = [value, constant(f"w{index}", weights)]
            if bias:
                inputs.append(constant(f"b{index}", offsets))
            value = node("Gemm", inputs, transB=1)
        if index < len(widths) - 2 and activation:
            value = node(activation, [value])
    graph = helper.make_graph(
        nodes, "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", widths[0]])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["N", widths[-1]])],
        constants)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)


def run_onnx(model, rows):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: rows})[0]


def run_tflite(path, rows):
    interpreter = Interpreter(
        str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    taken, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    answers = []
    for row in rows:
        interpreter.set_tensor(taken["index"], row[None].astype(taken["dtype"]))
        interpreter.invoke()
        answers.append(interpreter.get_tensor(made["index"])[0])
    return np.array(answers)


def share(answers, expected):
    return float(np.abs(answers - expected).max() / max(np.ptp(expected), 1e-30))


def widths():
    inner = random.integers(1, 65, random.integers(1, 4)).tolist()
    return [int(random.integers(1, 129)), *inner, int(random.integers(1, 17))]


def check_floats():
    worst = {"import": 0.0, "onnx": 0.0, "tflite": 0.0}
    shapes = [[1, 1], [1, 1, 1], [700, 3, 5], [3, 700, 1], [17, 31, 13, 7], *(widths() for _ in range(59))]
    for index, shape in enumerate(shapes):
        model = perceptron(
            shape, [None, "Relu", "Tanh", "Sigmoid"][index % 4], version=11 + index % 12,
            product=index % 3 == 0, scaler=index % 2 == 0, bias=index % 5 > 0)
        rows = random.normal(size=(64, shape[0])).astype(np.float32) * 2
        path = folder / "net.onnx"
        onnx.save(model, path)
        nnq("import", path, "-o", folder / "net.bin")
        own = values(folder / "net.bin", rows)
        worst["import"] = max(worst["import"], share(own, run_onnx(str(path), rows)))
        nnq("export", folder / "net.bin", "--to", "onnx", "-o", folder / "out.onnx")
        worst["onnx"] = max(worst["onnx"], share(run_onnx(str(folder / "out.onnx"), rows), own))
        nnq("export", folder / "net.bin", "--to", "tflite", "-o", folder / "out.tflite")
        worst["tflite"] = max(worst["tflite"], share(run_tflite(folder / "out.tflite", rows), own))
    print(f"{len(shapes)} float nets: import against onnxruntime {worst['import']:.1e} of the range, "
          f"exported ONNX {worst['onnx']:.1e}, exported TFLite {worst['tflite']:.1e}")


def int8_pair(path, rows):
    """Codes that nnq and LiteRT's reference kernels make of random codes, and the scale of each."""
    nnq("import", path, "-o", folder / "net.bin", "--task", "regression")
    np.save(folder / "rows.npy", rows)
    nnq("quantize", folder / "net.bin", "-o", folder / "net.int8.bin", "--input", "8",
        "--activations", "8", "--output", "8", "--coarse-tables", "--calibrate", folder / "rows.npy")
    nnq("export", folder / "net.int8.bin", "--to", "tflite", "-o", folder / "out.tflite")
    codes = random.integers(-128, 128, (64, rows.shape[1])).astype(np.int8)
    np.save(folder / "codes.npy", codes)
    nnq("predict", folder / "net.int8.bin", folder / "codes.npy", "--codes", "-o", folder / "own.npy")
    other = run_tflite(folder / "out.tflite", codes)
    own = np.load(folder / "own.npy").reshape(other.shape)
    # What LiteRT makes of the file must be what an import of it makes.
    nnq("import", folder / "out.tflite", "-o", folder / "again.bin", "--task", "regression")
    nnq("predict", folder / "again.bin", folder / "codes.npy", "--codes", "-o", folder / "again.npy")
    again = np.load(folder / "again.npy").reshape(other.shape)
    if (again != other).any():
        print(f"import of {path} differs in {(again != other).sum()} codes")
    return np.abs(own.astype(int) - other.astype(int))


def report(name, parts):
    counts = np.concatenate([part.ravel() for part in parts])
    print(f"{name} as TFLite in LiteRT: {(counts > 0).sum()} of {counts.size} codes differ, "
          f"by {counts.max()} at most", flush=True)


def check_codes():
    for net in sorted(shared.glob("dataset_nets/*/*_core.onnx")):
        inputs = onnx.load(net).graph.input[0].type.tensor_type.shape.dim[1].dim_value
        rows = random.normal(size=(256, inputs)).astype(np.float32)
        report(net.stem, [int8_pair(net, rows)])
    for activation, count in (("Relu", NETS), ("Tanh", NETS // 4), ("Sigmoid", NETS // 4)):
        parts = []
        for _ in range(count):
            shape = widths()
            onnx.save(perceptron(shape, activation), folder / "net.onnx")
            rows = random.normal(size=(256, shape[0])).astype(np.float32) * 2
            parts.append(int8_pair(folder / "net.onnx", rows))
        report(f"{count} {activation} nets", parts)


check_floats()
check_codes()
