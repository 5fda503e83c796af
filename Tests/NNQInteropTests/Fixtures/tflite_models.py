# SPDX-License-Identifier: Apache-2.0
"""TFLite networks: flatbuffers put together by hand, and what TensorFlow's converter writes."""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from fixture import EXACT, FLOAT, FOLDER, ROWS, SHARE, add, random, refused, run_tflite

CODES = {"ADD": 0, "CONV_2D": 3, "FULLY_CONNECTED": 9, "LOGISTIC": 14, "MUL": 18, "RELU": 19,
         "RELU6": 21, "RESHAPE": 22, "SOFTMAX": 25, "TANH": 28, "SUB": 41, "LEAKY_RELU": 98,
         "HARD_SWISH": 117, "GELU": 150}
KINDS = {np.dtype(np.float32): 0, np.dtype(np.int32): 2, np.dtype(np.int64): 4,
         np.dtype(np.int16): 7, np.dtype(np.int8): 9}
# What TFLite fixes for an activation's output: scale and zero point, for 8 and 16 bits.
FIXED = {"TANH": {8: (1 / 128, 0), 16: (1 / 32768, 0)},
         "LOGISTIC": {8: (1 / 256, -128), 16: (1 / 32768, 0)},
         "SOFTMAX": {8: (1 / 256, -128)}}


class Net:
    """A chain of operators; the type of the input decides that of the rest."""

    def __init__(self, name, inputs, kind=np.float32, scale=None):
        self.name, self.random, self.kind = name, random(name), np.dtype(kind)
        self.model = schema.ModelT(version=3, buffers=[schema.BufferT()], description="fixture")
        self.model.operatorCodes, self.operators, self.tensors = [], [], []
        self.step = scale
        self.value = self.input = self.tensor([1, inputs], self.kind, scale)

    def tensor(self, shape, kind, scale=None, data=None, axis=0):
        tensor = schema.TensorT(
            name=f"t{len(self.tensors)}", shape=list(shape), type=KINDS[np.dtype(kind)])
        if scale is not None:
            scales = np.atleast_1d(np.float32(scale[0]))
            zeros = np.full(len(scales), scale[1], np.int64)
            tensor.quantization = schema.QuantizationParametersT(
                scale=scales, zeroPoint=zeros, quantizedDimension=axis)
        if data is not None:
            tensor.buffer = len(self.model.buffers)
            content = np.frombuffer(np.asarray(data, kind).tobytes(), np.uint8)
            self.model.buffers.append(schema.BufferT(data=content))
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def then(self, operation, count, inputs=(), step=None, options=None, first=None):
        code = CODES[operation]
        numbers = [item.builtinCode for item in self.model.operatorCodes]
        if code not in numbers:
            numbers.append(code)
            self.model.operatorCodes.append(schema.OperatorCodeT(
                deprecatedBuiltinCode=min(code, 127), builtinCode=code,
                version={"FULLY_CONNECTED": 4, "HARD_SWISH": 1, "RESHAPE": 1}.get(operation, 2)))
        bits = self.kind.itemsize * 8
        self.step = step or FIXED.get(operation, {}).get(bits) or self.step
        output = self.tensor([1, count], self.kind, self.step)
        taken = [self.value, *inputs] if first is None else [first, self.value]
        node = schema.OperatorT(
            opcodeIndex=numbers.index(code), inputs=taken, outputs=[output])
        if options:
            names = {value: key for key, value in vars(schema.BuiltinOptions).items()}
            kind = type(options).__name__[:-1]
            node.builtinOptionsType = next(v for v, key in names.items() if key == kind)
            node.builtinOptions = options
        self.operators.append(node)
        self.value = output
        return self

    def dense(self, inputs, outputs, fused=0, bias=True, step=None, per_channel=False):
        options = schema.FullyConnectedOptionsT(fusedActivationFunction=fused)
        if self.kind == np.float32:
            weights = self.random.normal(size=(outputs, inputs)) * (2 / inputs) ** 0.5
            constants = [self.tensor([outputs, inputs], np.float32, None, weights)]
            if bias:
                values = self.random.normal(size=outputs) * 0.3
                constants.append(self.tensor([outputs], np.float32, None, values))
            return self.then("FULLY_CONNECTED", outputs, constants, None, options)
        weights = self.random.integers(-127, 128, (outputs, inputs))
        scales = self.random.uniform(0.004, 0.02, outputs if per_channel else 1)
        scales = (scales * (2 / inputs) ** 0.5).astype(np.float32)
        constants = [self.tensor([outputs, inputs], np.int8, (scales, 0), weights)]
        if bias:
            wide = np.int32 if self.kind == np.int8 else np.int64
            values = self.random.integers(-2000, 2000, outputs)
            product = scales * np.float32(self.step[0])
            constants.append(self.tensor([outputs], wide, (product, 0), values))
        elif self.kind != np.float32:
            constants.append(-1)
        return self.then("FULLY_CONNECTED", outputs, constants, step, options)

    def save(self):
        graph = schema.SubGraphT(
            tensors=self.tensors, inputs=[self.input], outputs=[self.value],
            operators=self.operators)
        self.model.subgraphs = [graph]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        path = FOLDER / f"{self.name}.tflite"
        path.write_bytes(bytes(builder.Output()))
        return path


def floats(name, inputs, build, kind="values", task="regression", spread=2.0):
    net = Net(name, inputs)
    build(net)
    path = net.save()
    rows = (net.random.normal(size=(ROWS, inputs)) * spread).astype(np.float32)
    add(name, "tflite", "flatbuffers", "-", kind, FLOAT if kind == "values" else SHARE, rows,
        run_tflite(path, rows), task)


def integers(name, inputs, build, bits=8, kind="codes", tolerance=EXACT, task="regression"):
    element = np.int8 if bits == 8 else np.int16
    scale = (0.031, -7) if bits == 8 else (0.0004, 0)
    net = Net(name, inputs, element, scale)
    build(net)
    path = net.save()
    limits = np.iinfo(element)
    rows = net.random.integers(limits.min, limits.max + 1, (ROWS * 4, inputs)).astype(element)
    rows[0], rows[1] = limits.min, limits.max
    answers = run_tflite(path, rows)
    add(name, "tflite", "flatbuffers", "-", kind, tolerance, rows, answers, task)


def hand_built():
    floats("tflite_relu", 4, lambda n: n.dense(4, 6, 1).dense(6, 3))
    floats("tflite_relu6", 4, lambda n: n.dense(4, 6, 3).dense(6, 3), spread=8.0)
    floats("tflite_own_relu6", 4, lambda n: n.dense(4, 6).then("RELU6", 6).dense(6, 3), spread=8.0)
    floats("tflite_no_bias", 5, lambda n: n.dense(5, 4, 1, False).dense(4, 2, bias=False))
    floats("tflite_shape_700_3_5", 700, lambda n: n.dense(700, 3, 1).dense(3, 5))
    floats("tflite_shape_1_1", 1, lambda n: n.dense(1, 1))
    for operation, options in (
            ("TANH", None), ("LOGISTIC", None), ("HARD_SWISH", None), ("GELU", schema.GeluOptionsT()),
            ("LEAKY_RELU", schema.LeakyReluOptionsT(alpha=0.2))):
        floats(f"tflite_{operation.lower()}", 4,
               lambda n: n.dense(4, 6).then(operation, 6, options=options).dense(6, 3))
    floats("tflite_gelu_tanh", 4, lambda n: n.dense(4, 6).then(
        "GELU", 6, options=schema.GeluOptionsT(approximate=True)).dense(6, 3))
    floats("tflite_softmax", 4, lambda n: n.dense(4, 6, 1).dense(6, 3).then(
        "SOFTMAX", 3, options=schema.SoftmaxOptionsT(beta=1.0)), "probabilities", "")

    def scaled(n):
        mean, factor = (n.tensor([1, 4], np.float32, None, values) for values in (
            n.random.normal(size=4) * 100, n.random.uniform(0.01, 1, 4)))
        n.then("SUB", 4, [mean], options=schema.SubOptionsT())
        n.then("MUL", 4, [factor], options=schema.MulOptionsT()).dense(4, 6, 1).dense(6, 3)
        n.then("ADD", 3, [n.tensor([3], np.float32, None, [5, 6, 7])], options=schema.AddOptionsT())
    floats("tflite_scaler", 4, scaled, spread=100.0)

    def reshaped(n):
        shape = n.tensor([2], np.int32, None, [1, 6])
        n.dense(4, 6, 1).then("RESHAPE", 6, [shape], options=schema.ReshapeOptionsT(newShape=[1, 6]))
        n.dense(6, 3)
    floats("tflite_reshape", 4, reshaped)

    hidden, last = (0.045, -20), (0.06, 11)
    for per_channel in (False, True):
        rows = "channel" if per_channel else "tensor"
        integers(f"tflite_int8_{rows}_relu", 9, lambda n: n.dense(
            9, 13, 1, step=hidden, per_channel=per_channel).dense(
                13, 5, step=last, per_channel=per_channel))
        integers(f"tflite_int8_{rows}_relu6", 9, lambda n: n.dense(
            9, 13, 3, step=hidden, per_channel=per_channel).dense(
                13, 5, step=last, per_channel=per_channel))
    integers("tflite_int8_no_bias", 9, lambda n: n.dense(
        9, 13, 1, False, hidden).dense(13, 5, bias=False, step=last))
    integers("tflite_int8_shape_700_3", 700, lambda n: n.dense(700, 3, step=last, per_channel=True))
    integers("tflite_int8_shape_1_1", 1, lambda n: n.dense(1, 1, step=last))
    for operation, step, options in (
            ("TANH", None, None), ("LOGISTIC", None, None), ("RELU", hidden, None),
            ("RELU6", (0.03, -128), None), ("HARD_SWISH", (0.03, -100), None),
            ("GELU", (0.03, -100), schema.GeluOptionsT()),
            ("LEAKY_RELU", (0.04, -30), schema.LeakyReluOptionsT(alpha=0.2))):
        integers(f"tflite_int8_{operation.lower()}", 9, lambda n: n.dense(
            9, 13, step=hidden).then(operation, 13, step=step, options=options).dense(
                13, 5, step=last))
    # A probability of LiteRT is a code of 1/256, rounded from a table of 16 bits.
    integers("tflite_int8_softmax", 9, lambda n: n.dense(9, 4, step=last).then(
        "SOFTMAX", 4, options=schema.SoftmaxOptionsT(beta=1.0)), kind="shares", task="",
             tolerance=("1.5", "codes of 1/256: half a code of rounding and one of LiteRT's table"))
    wide = (0.0007, 0)
    integers("tflite_16x8_relu", 9, lambda n: n.dense(9, 13, 1, step=wide, per_channel=True).dense(
        13, 5, step=(0.0009, 0), per_channel=True), bits=16)


def converted():
    """Keras networks through TensorFlow's converter."""
    import tensorflow as tf

    def convert(name, layers, quantized=None, kind="values", task="regression"):
        tf.keras.utils.set_random_seed(int(random(name).integers(1 << 31)))
        net = tf.keras.Sequential([tf.keras.Input((6,), batch_size=1), *layers])
        rows = random(name).normal(size=(ROWS * 8, 6)).astype(np.float32) * 2
        converter = tf.lite.TFLiteConverter.from_keras_model(net)
        path = FOLDER / f"{name}.tflite"
        if quantized:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            readings = rows
            converter.representative_dataset = lambda: ([row[None]] for row in readings)
            wide = quantized == "16x8"
            operators = tf.lite.OpsSet.TFLITE_BUILTINS_INT8
            if wide:
                operators = (
                    tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8)
            converter.target_spec.supported_ops = [operators]
            element = tf.int16 if wide else tf.int8
            converter.inference_input_type = converter.inference_output_type = element
            converter._experimental_disable_per_channel = quantized == "tensor"
            limits = np.iinfo(element.as_numpy_dtype)
            rows = random(name).integers(limits.min, limits.max + 1, rows.shape)
            rows = rows.astype(element.as_numpy_dtype)
        path.write_bytes(converter.convert())
        rows = rows[:ROWS * (4 if quantized else 1)]
        tolerance = EXACT if quantized else FLOAT if kind == "values" else SHARE
        add(name, "tflite", "tensorflow", tf.__version__, "codes" if quantized else kind,
            tolerance, rows, run_tflite(path, rows), task)

    dense = tf.keras.layers.Dense
    convert("keras_relu", [dense(9, "relu"), dense(5, "relu"), dense(3)])
    convert("keras_tanh_softmax", [dense(9, "tanh"), dense(3, "softmax")], None, "probabilities", "")
    convert("keras_sigmoid", [dense(9, "sigmoid"), dense(1, "sigmoid")], None, "probabilities", "")
    convert("keras_batch_norm", [dense(9), tf.keras.layers.BatchNormalization(),
                                 tf.keras.layers.ReLU(), dense(3)])
    convert("keras_leaky_relu", [dense(9), tf.keras.layers.LeakyReLU(0.2), dense(3)])
    convert("keras_int8_channel", [dense(9, "relu"), dense(3)], "channel")
    convert("keras_int8_tensor", [dense(9, "relu"), dense(3)], "tensor")
    convert("keras_16x8", [dense(9, "relu"), dense(3)], "16x8")


def refusals():
    net = Net("refused_tflite_conv", 4)
    weights = net.tensor([3, 1, 1, 4], np.float32, None, net.random.normal(size=(3, 4)))
    net.then("CONV_2D", 3, [weights], options=schema.Conv2DOptionsT(strideH=1, strideW=1))
    net.save()
    refused(net.name, "tflite", "flatbuffers", "-", "unsupportedOperator CONV_2D", "a convolution")


def make():
    hand_built()
    converted()
    refusals()
