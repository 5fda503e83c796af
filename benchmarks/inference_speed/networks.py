# SPDX-License-Identifier: Apache-2.0
"""The networks that are timed, each in the form that its runtime reads."""
import subprocess

import flatbuffers
import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

# What stands in the folder of models: name, int8 TFLite, float ONNX, widths.
NETWORKS = [
    ("640-128x4-8-128x4-640", "mlperf_tiny_ad/ad_per_channel_int8.tflite", "mlperf_tiny_ad/ad01_float32.onnx",
     [640] + [128] * 4 + [8] + [128] * 4 + [640]),
    ("561-256-128-6", "random_mlp/mlp_561_256_128_6_int8.tflite",
     "random_mlp/mlp_561_256_128_6_float32.onnx", [561, 256, 128, 6]),
    ("16-32-16-4", "random_mlp/mlp_16_32_16_4_int8.tflite",
     "random_mlp/mlp_16_32_16_4_float32.onnx", [16, 32, 16, 4]),
]


def of_batch(path, batch, made):
    """A TFLite file states its batch: writes a copy that states another."""
    with open(path, "rb") as file:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(file.read(), 0))
    constant = {b for b, buffer in enumerate(model.buffers) if buffer.data is not None and len(buffer.data)}
    for tensor in model.subgraphs[0].tensors:
        if tensor.buffer not in constant and len(tensor.shape) == 2:
            tensor.shape = [batch, int(tensor.shape[1])]
            tensor.shapeSignature = None
    model.signatureDefs = None
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    with open(made, "wb") as file:
        file.write(builder.Output())


class RandomRows(CalibrationDataReader):
    def __init__(self, name, inputs):
        random = np.random.default_rng(1)
        self.rows = iter([{name: random.standard_normal((1, inputs), dtype=np.float32)} for _ in range(16)])

    def get_next(self):
        return next(self.rows, None)


def quantize(path, inputs, made):
    """ONNX Runtime's own int8 network between float32 ends; gives the names of its ends."""
    graph = onnx.load(path).graph
    name = graph.input[0].name
    quantize_static(path, made, RandomRows(name, inputs), quant_format=QuantFormat.QDQ, per_channel=True)
    return name, graph.output[0].name


def files(nnq, name, tflite, floats, inputs, folder, batches):
    """Writes the image that nnq makes of the TFLite file, one with 4-bit weights, TFLite of each batch, and ONNX."""
    def call(*words):
        done = subprocess.run([nnq, *words, "--quiet"], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"nnq {' '.join(words)} failed: {done.stderr}")

    stem = f"{folder}/{name}"
    call("import", str(tflite), "-o", f"{stem}.int8.bin")
    call("export", f"{stem}.int8.bin", "--to", "image", "-o", f"{stem}.image")
    call("import", str(floats), "-o", f"{stem}.bin")
    np.save(f"{stem}.npy", np.random.default_rng(1).standard_normal((64, inputs), dtype=np.float32))
    call("quantize", f"{stem}.bin", "--calibrate", f"{stem}.npy", "--input", "8", "--output", "8",
         "--activations", "8", "--weights", "4", "--rounding", "nearest", "-o", f"{stem}.4bit.bin")
    call("export", f"{stem}.4bit.bin", "--to", "image", "-o", f"{stem}.4bit.image")
    for batch in batches:
        of_batch(tflite, batch, f"{stem}.{batch}.tflite")
    return stem, *quantize(floats, inputs, f"{stem}.onnx")
