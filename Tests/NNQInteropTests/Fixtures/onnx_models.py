# SPDX-License-Identifier: Apache-2.0
"""ONNX graphs put together operator by operator."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fixture import FLOAT, FOLDER, ROWS, SHARE, add, random, refused, run_onnx


class Graph:
    """A chain of operators with its constants."""

    def __init__(self, name):
        self.name, self.random = name, random(name)
        self.nodes, self.constants, self.imports, self.inputs = [], [], [], []
        self.value = "x"

    def constant(self, array, kind=np.float32, name=None):
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, kind), name))
        return name

    def node(self, operation, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}"] + [f"v{len(self.nodes)}_{n}" for n in range(1, outputs)]
        self.nodes.append(helper.make_node(operation, list(inputs), names, **attributes))
        return names[0]

    def then(self, operation, *inputs, **attributes):
        self.value = self.node(operation, self.value, *inputs, **attributes)
        return self

    def normal(self, *shape, scale=1.0):
        return self.random.normal(size=shape) * scale

    def gemm(self, inputs, outputs, bias=True, **attributes):
        shape = (outputs, inputs) if attributes.get("transB") else (inputs, outputs)
        constants = [self.constant(self.normal(*shape, scale=(2 / inputs) ** 0.5))]
        if bias:
            constants.append(self.constant(self.normal(outputs, scale=0.3)))
        return self.then("Gemm", *constants, **attributes)

    def matmul(self, inputs, outputs, bias=True):
        self.then("MatMul", self.constant(self.normal(inputs, outputs, scale=(2 / inputs) ** 0.5)))
        return self.then("Add", self.constant(self.normal(outputs, scale=0.3))) if bias else self

    def batch(self, count):
        rand = self.random
        return self.then(
            "BatchNormalization", self.constant(rand.uniform(0.5, 2, count)),
            self.constant(rand.normal(size=count)), self.constant(rand.normal(size=count)),
            self.constant(rand.uniform(0.1, 3, count)), epsilon=1e-3)

    def save(self, inputs, outputs, opset, shape=None, kind=TensorProto.FLOAT):
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape or ["N", inputs])]
            + self.inputs,
            [helper.make_tensor_value_info(self.value, kind, outputs)], self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset), *self.imports],
            ir_version=min(onnx.helper.find_min_ir_version_for([helper.make_opsetid("", opset)]), 10)
            if opset <= 22 else 10)
        path = FOLDER / f"{self.name}.onnx"
        onnx.save(model, path)
        return path


def chain(name, widths, opset, build, kind="values", task="regression", shape=None,
          tolerance=None, spread=2.0, output=TensorProto.FLOAT, rank=2):
    """A graph that `build` makes, with the answers of onnxruntime."""
    graph = Graph(name)
    build(graph)
    outputs = ["N", widths[-1]] if rank == 2 else [None]
    if shape and len(shape) == 1:
        outputs = [widths[-1]]
    path = graph.save(widths[0], outputs, opset, shape, output)
    rows = (graph.random.normal(size=(ROWS, widths[0])) * spread).astype(np.float32)
    answers = run_onnx(path, rows)
    add(name, "onnx", "onnx", opset, kind, tolerance or (FLOAT if kind == "values" else SHARE),
        rows, answers, task)


def dense(graph, widths, activation=None, product=False, **attributes):
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        if product:
            graph.matmul(inputs, outputs, attributes.get("bias", True))
        else:
            graph.gemm(inputs, outputs, **attributes)
        if activation and index < len(widths) - 2:
            graph.then(activation)


def floats():
    newest = onnx.defs.onnx_opset_version()
    for opset in range(11, min(newest, 25) + 1):
        activation = ["Relu", "Tanh", "Sigmoid"][opset % 3]
        widths = [[4, 6, 3], [5, 9, 2], [3, 7, 7, 1]][opset // 3 % 3]
        chain(f"onnx_mlp_opset{opset}", widths, opset,
              lambda g: dense(g, widths, activation, product=opset % 2 == 0, transB=opset % 4 // 2))
    for widths in ([1, 1], [1, 1, 1], [700, 3, 5], [3, 700, 1], [17, 31, 13, 7]):
        chain("onnx_shape_" + "_".join(map(str, widths)), widths, 13,
              lambda g: dense(g, widths, "Relu", transB=1))
    chain("onnx_no_bias_gemm", [5, 4, 3], 12, lambda g: dense(g, [5, 4, 3], "Relu", bias=False))
    chain("onnx_no_bias_matmul", [5, 4, 3], 12,
          lambda g: dense(g, [5, 4, 3], "Relu", product=True, bias=False))
    chain("onnx_alpha_beta", [5, 4, 3], 13,
          lambda g: dense(g, [5, 4, 3], "Relu", alpha=0.5, beta=2.0))
    chain("onnx_one_dimension", [6, 5, 2], 13,
          lambda g: dense(g, [6, 5, 2], "Relu", product=True), shape=[6])

    def shared(g):
        w, b = g.constant(g.normal(5, 5, scale=0.5)), g.constant(g.normal(5))
        for _ in range(3):
            g.then("Gemm", w, b, transB=1).then("Relu")
        g.gemm(5, 2)
    chain("onnx_shared_weights", [5, 2], 13, shared)

    def scaled(g):
        g.then("Sub", g.constant(g.normal(4) * 100)).then("Div", g.constant([10, 0.1, 3, 250]))
        dense(g, [4, 6, 3], "Relu", transB=1)
        g.then("Mul", g.constant([2, 30, 0.01])).then("Add", g.constant([100, -5, 3]))
    chain("onnx_scaler_in_and_out", [4, 6, 3], 15, scaled, spread=50.0)

    def between(g):
        g.gemm(4, 6).then("Relu").then("Mul", g.constant(g.normal(6)))
        g.then("Add", g.constant([0.5])).gemm(6, 3)
    chain("onnx_scaler_between", [4, 6, 3], 14, between)
    chain("onnx_batch_after_gemm", [4, 6, 3], 15,
          lambda g: g.gemm(4, 6).batch(6).then("Relu").gemm(6, 3))
    chain("onnx_batch_after_relu", [4, 6, 3], 11,
          lambda g: g.gemm(4, 6).then("Relu").batch(6).gemm(6, 3))
    chain("onnx_batch_first", [4, 6, 3], 14, lambda g: g.batch(4).gemm(4, 6).then("Relu").gemm(6, 3))
    chain("onnx_layer_norm", [4, 6, 3], 17, lambda g: g.gemm(4, 6).then(
        "LayerNormalization", g.constant(g.random.uniform(0.5, 2, 6)), g.constant(g.normal(6)),
        axis=-1, epsilon=1e-4).then("Relu").gemm(6, 3))
    chain("onnx_leaky_relu", [4, 6, 3], 16,
          lambda g: g.gemm(4, 6).then("LeakyRelu", alpha=0.2).gemm(6, 3))
    chain("onnx_gelu", [4, 6, 3], 20, lambda g: g.gemm(4, 6).then("Gelu").gemm(6, 3))
    chain("onnx_gelu_tanh", [4, 6, 3], 20,
          lambda g: g.gemm(4, 6).then("Gelu", approximate="tanh").gemm(6, 3))
    chain("onnx_hard_swish", [4, 6, 3], 14, lambda g: g.gemm(4, 6).then("HardSwish").gemm(6, 3))
    chain("onnx_relu6", [4, 6, 3], 13, lambda g: g.gemm(4, 6).then(
        "Clip", g.constant(0), g.constant(6)).gemm(6, 3), spread=6.0)

    def passing(g):
        g.then("Flatten", axis=1).gemm(4, 6).then("Identity").then("Relu")
        g.then("Reshape", g.constant([-1, 6], np.int64)).then("Dropout").gemm(6, 3)
        g.then("Cast", to=TensorProto.FLOAT)
    chain("onnx_no_ops", [4, 6, 3], 13, passing)


def tails():
    def head(g, outputs):
        dense(g, [4, 6, outputs], "Relu")
        return g
    chain("onnx_softmax", [4, 6, 3], 13, lambda g: head(g, 3).then("Softmax", axis=-1),
          "probabilities", "")
    chain("onnx_softmax_opset11", [4, 6, 3], 11, lambda g: head(g, 3).then("Softmax", axis=1),
          "probabilities", "")
    chain("onnx_sigmoid_binary", [4, 6, 1], 13, lambda g: head(g, 1).then("Sigmoid"),
          "probabilities", "")
    chain("onnx_sigmoid_multilabel", [4, 6, 4], 13, lambda g: head(g, 4).then("Sigmoid"),
          "probabilities", "")
    exact = ("0", "labels: the logits of the rows are no closer than binary32 sums differ")
    chain("onnx_argmax", [4, 6, 3], 13,
          lambda g: head(g, 3).then("ArgMax", axis=1, keepdims=0), "labels", "",
          tolerance=exact, output=TensorProto.INT64, rank=1)


def refusals():
    """What is no perceptron, or hides its numbers; the error names operator and obstacle."""
    def write(name, build, outputs, error, what, shape=None, opset=17):
        graph = Graph(name)
        build(graph)
        graph.save(4, outputs, opset, shape)
        refused(name, "onnx", "onnx", opset, error, what)
    write("refused_conv", lambda g: g.then("Conv", g.constant(g.normal(3, 1, 3))), None,
          "unsupportedOperator Conv", "a convolution", ["N", 1, 4])
    write("refused_lstm", lambda g: g.then(
        "LSTM", g.constant(g.normal(1, 8, 4)), g.constant(g.normal(1, 8, 2)), hidden_size=2), None,
          "unsupportedOperator LSTM", "a recurrent layer", [1, 1, 4])

    def attention(g):
        query, key = (g.node("MatMul", "x", g.constant(g.normal(4, 4))) for _ in range(2))
        g.value = g.node("MatMul", query, g.node("Transpose", key, perm=[1, 0]))
        g.then("Softmax", axis=-1)
    write("refused_attention", attention, None, "unsupported", "a product of two computed values")

    def dynamic(g):
        g.inputs = [helper.make_tensor_value_info("w", TensorProto.FLOAT, [4, 3])]
        g.then("MatMul", "w")
    write("refused_dynamic_weights", dynamic, None, "wrongEnds", "weights that are an input")

    def foreign(g):
        g.imports = [helper.make_opsetid("com.example", 1)]
        g.gemm(4, 3).then("Swoosh", domain="com.example")
    write("refused_domain", foreign, None, "unsupportedOperator com.example.Swoosh",
          "an operator of an unknown domain")

    def external(g):
        g.gemm(4, 3)
        onnx.external_data_helper.set_external_data(g.constants[0], location="weights.bin")
        g.constants[0].ClearField("raw_data")
    write("refused_external_data", external, None, "externalData c0", "numbers in another file")
    write("refused_opset10", lambda g: g.gemm(4, 3), None, "unsupportedVersion",
          "an operator set before 11", opset=10)


def make():
    floats()
    tails()
    refusals()
