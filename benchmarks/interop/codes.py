# SPDX-License-Identifier: Apache-2.0
"""Compares quantized ONNX networks with onnxruntime: imports, and exports of int8 models.

Run it with benchmarks/interop/run; ../shared/models is compared too where it is there.
"""
import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from program import NETS, folder, nnq, shared

random = np.random.default_rng(5)


class Graph:
    """Collects the operators of a quantized perceptron."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array, kind):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, kind), name))
        return name

    def node(self, operation, inputs, domain="", **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [output], domain=domain, **attributes))
        return output

    def file(self, path, value, inputs, outputs, version):
        graph = helper.make_graph(
            self.nodes, "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", inputs])],
            [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["N", outputs])],
            self.constants)
        onnx.save(helper.make_model(
            graph, ir_version=10, opset_imports=[
                helper.make_opsetid("", version), helper.make_opsetid("com.microsoft", 1)]), path)


def codes_of(low, high, kind):
    """The scale and zero point of codes that cover a range."""
    scale = np.float32((high - low) / 255)
    zero = int(np.rint(-low / scale)) + np.iinfo(kind).min
    return scale, int(np.clip(zero, np.iinfo(kind).min, np.iinfo(kind).max))


def network(path, shape, form, activation, unsigned, per_channel, version):
    """A random net whose scales fit random rows; the scale and zero point of the input come back."""
    kind = np.uint8 if unsigned else np.int8
    graph, rows = Graph(), random.normal(size=(256, shape[0])).astype(np.float32)
    step = codes_of(rows.min(), rows.max(), kind)
    taken = [graph.constant(step[0], np.float32), graph.constant(step[1], kind)]
    first, scale = (float(step[0]), step[1], np.iinfo(kind).min), step[0]
    value = graph.node("QuantizeLinear", ["x", *taken])
    for index, (inputs, outputs) in enumerate(zip(shape, shape[1:])):
        weights = random.normal(size=(outputs, inputs)) * np.sqrt(2 / inputs)
        bias = random.normal(size=outputs) * 0.3
        largest = np.maximum(np.abs(weights).max(axis=1), 1e-3)
        scales = (largest if per_channel else np.full(outputs, largest.max())) / 127
        scales = scales.astype(np.float32)
        integers = np.clip(np.rint(weights / scales[:, None]), -127, 127).astype(np.int8)
        offsets = np.rint(bias / (scale * scales)).astype(np.int32)
        rows = rows @ weights.T + bias
        last = index == len(shape) - 2
        inner = codes_of(min(rows.min(), 0), max(rows.max(), 0), kind)
        if not last and activation == "Relu":
            rows = np.maximum(rows, 0)
            inner = codes_of(0, max(rows.max(), 1e-3), kind)
        made = [graph.constant(inner[0], np.float32), graph.constant(inner[1], kind)]
        if form == "qdq":
            real = graph.node("DequantizeLinear", [value, *taken])
            w = graph.node("DequantizeLinear", [
                graph.constant(integers, np.int8), graph.constant(scales, np.float32),
                graph.constant(np.zeros(outputs), np.int8)], axis=0)
            b = graph.node("DequantizeLinear", [
                graph.constant(offsets, np.int32), graph.constant(scale * scales, np.float32)], axis=0)
            value = graph.node("Gemm", [real, w, b], transB=1)
            if not last and activation == "Relu":
                value = graph.node("Relu", [value])
            value = graph.node("QuantizeLinear", [value, *made])
        elif form == "gemm":
            value = graph.node(
                "QGemm", [value, *taken, graph.constant(integers, np.int8),
                          graph.constant(scales, np.float32),
                          graph.constant(np.zeros(outputs), np.int8),
                          graph.constant(offsets, np.int32), *made],
                "com.microsoft", transB=1)
        else:
            value = graph.node(
                "QLinearMatMul", [value, *taken, graph.constant(integers.T, np.int8),
                                  graph.constant(scales if per_channel else scales[0], np.float32),
                                  graph.constant(np.zeros(outputs if per_channel else ()), np.int8),
                                  *made])
        taken, scale = made, inner[0]
        if not last and activation in ("Tanh", "Sigmoid", "LeakyRelu", "HardSwish", "Gelu"):
            real = graph.node("DequantizeLinear", [value, *taken])
            real = graph.node(activation, [real])
            after = codes_of({"Tanh": -1, "Sigmoid": 0}.get(activation, -0.4),
                             1 if activation in ("Tanh", "Sigmoid") else float(rows.max()), kind)
            taken = [graph.constant(after[0], np.float32), graph.constant(after[1], kind)]
            value, scale = graph.node("QuantizeLinear", [real, *taken]), after[0]
            rows = np.tanh(rows) if activation == "Tanh" else 1 / (1 + np.exp(-rows)) \
                if activation == "Sigmoid" else np.maximum(rows, 0)
    value = graph.node("DequantizeLinear", [value, *taken])
    graph.file(path, value, shape[0], shape[-1], version)
    return first


def constants(path):
    model = onnx.load(path)
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}, model.graph


def ends(path):
    """Scale, zero point and lowest code of the first QuantizeLinear and the last DequantizeLinear."""
    values, graph = constants(path)
    first = next(node for node in graph.node if node.op_type == "QuantizeLinear")
    last = [node for node in graph.node if node.op_type == "DequantizeLinear"][-1]
    return [(float(values[node.input[1]]), int(values[node.input[2]]),
             int(np.iinfo(values[node.input[2]].dtype).min)) for node in (first, last)]


def compare(path, rows):
    """Differences between the output codes of nnq's import and those of onnxruntime."""
    (scale, zero, lowest), (step, origin, least) = ends(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()[0].shape[1]
    width = 256 if lowest in (-128, 0) else 65536
    codes = random.integers(lowest, lowest + width, (rows, inputs))
    real = ((codes - zero) * np.float32(scale)).astype(np.float32)
    answers = session.run(None, {session.get_inputs()[0].name: real})[0]
    expected = np.rint(answers.astype(np.float64) / step).astype(np.int64) + origin
    least = -128 if least == 0 else least
    shift = 128 if lowest == 0 else 0
    nnq("import", path, "-o", folder / "in.bin", "--task", "regression")
    np.save(folder / "codes.npy", (codes - shift).astype(np.int8))
    nnq("predict", folder / "in.bin", folder / "codes.npy", "--codes", "-o", folder / "own.npy")
    own = np.load(folder / "own.npy").astype(np.int64).reshape(expected.shape) + shift
    return np.abs(own - expected)


def report(name, differences):
    counts = np.concatenate([part.ravel() for part in differences])
    print(f"{name}: {counts.size} codes, equal {np.mean(counts == 0):.5%}, within 1 "
          f"{np.mean(counts <= 1):.5%}, largest difference {counts.max()}", flush=True)


def widths():
    inner = random.integers(1, 65, random.integers(1, 4)).tolist()
    return [int(random.integers(1, 129)), *inner, int(random.integers(2, 17))]


def check_imports():
    for path in sorted(shared.glob("random_mlp/*q*8s8.onnx")):
        report(path.name, [compare(path, 2000)])
    for form, activation in (("qdq", "Relu"), ("qdq", "Tanh"), ("qdq", "Sigmoid"), ("gemm", None),
                             ("matmul", None)):
        parts = []
        for index in range(NETS // 5):
            network(folder / "net.onnx", widths(), form, activation, unsigned=index % 2 == 0,
                    per_channel=index % 3 > 0 and form != "gemm" or form == "gemm",
                    version=(11 if index % 3 == 0 else 13) if form == "matmul" else 13 + index % 10)
            parts.append(compare(folder / "net.onnx", 256))
        report(f"{NETS // 5} nets, {form} {activation or ''}", parts)



def float_network(path, shape, activation):
    """A random float net with a scaler in front."""
    graph = Graph()
    value = graph.node("Sub", ["x", graph.constant(random.normal(size=shape[0]), np.float32)])
    value = graph.node(
        "Div", [value, graph.constant(random.uniform(0.5, 3, shape[0]), np.float32)])
    for index, (inputs, outputs) in enumerate(zip(shape, shape[1:])):
        weights = random.normal(size=(outputs, inputs)) * np.sqrt(2 / inputs)
        value = graph.node(
            "Gemm", [value, graph.constant(weights, np.float32),
                     graph.constant(random.normal(size=outputs) * 0.3, np.float32)], transB=1)
        if index < len(shape) - 2:
            value = graph.node(activation, [value])
    graph.file(path, value, shape[0], shape[-1], 17)


def check_exports():
    for activation, width in (("Relu", 8), ("Tanh", 8), ("Sigmoid", 8), ("Relu", 16)):
        parts, again = [], 0
        for index in range(NETS // 4):
            shape = widths()
            float_network(folder / "net.onnx", shape, activation)
            nnq("import", folder / "net.onnx", "-o", folder / "net.bin")
            rows = random.normal(size=(256, shape[0])).astype(np.float32) * 2
            np.save(folder / "rows.npy", rows)
            nnq("quantize", folder / "net.bin", "-o", folder / "net.int8.bin", "--output", width,
                "--calibrate", folder / "rows.npy")
            nnq("export", folder / "net.int8.bin", "--to", "onnx", "-o", folder / "out.onnx")
            step = ends(folder / "out.onnx")[1][0]
            session = onnxruntime.InferenceSession(
                str(folder / "out.onnx"), providers=["CPUExecutionProvider"])
            expected = session.run(None, {"x": rows})[0].astype(np.float64)
            lines = nnq("predict", folder / "net.int8.bin", folder / "rows.npy", "--json").splitlines()
            own = np.array([list(json.loads(line)["values"].values()) for line in lines])
            parts.append(np.rint(np.abs(own - expected) / step).astype(np.int64))
            nnq("import", folder / "out.onnx", "-o", folder / "again.bin", "--task", "regression")
            lines = nnq("predict", folder / "again.bin", folder / "rows.npy", "--json").splitlines()
            back = np.array([list(json.loads(line)["values"].values()) for line in lines])
            again += int((back != own).sum())
        report(f"{NETS // 4} exports, {activation}, {width}-bit output", parts)
        print(f"  imported again: {again} values differ", flush=True)


check_imports()
check_exports()
