# SPDX-License-Identifier: Apache-2.0
"""Runs int8 TFLite networks under three rounding rules and asks nnq diff which one each output matches.

nnq is judged by LiteRT's reference kernels, litert-float by LiteRT's default delegate (XNNPACK),
tflite-double by gemmlowp's definitions in numpy. Run it with NNQ_INT8_NETS=FOLDER benchmarks/interop/run.
"""
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

NNQ = sys.argv[1]
ROWS = 20_000_000
folder = Path(tempfile.mkdtemp(prefix="nnq-interop-"))
random = np.random.default_rng(5)


def litert(path, rows, kind):
    interpreter = Interpreter(str(path), experimental_op_resolver_type=kind)
    interpreter.allocate_tensors()
    taken, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    answers = []
    for row in rows:
        interpreter.set_tensor(taken["index"], row.reshape(taken["shape"]))
        interpreter.invoke()
        answers.append(interpreter.get_tensor(made["index"]).reshape(-1))
    return np.array(answers)


def layers(path):
    """Weights, bias, real factors, input and output zero point and the lowest code of each layer."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes()))
    graph = model.subgraphs[0]
    for node in graph.operators:
        x, w, b = (graph.tensors[index] for index in node.inputs)
        y = graph.tensors[node.outputs[0]]
        shape = tuple(w.shape)
        weights = np.frombuffer(bytes(model.buffers[w.buffer].data), np.int8).reshape(shape)
        bias = np.frombuffer(bytes(model.buffers[b.buffer].data), np.int32)
        scales = w.quantization.scale
        taken, made = x.quantization.scale[0], y.quantization.scale[0]
        if len(scales) == 1:
            product = [float(np.float32(taken) * np.float32(scales[0]))] * shape[0]
        else:
            product = [float(taken) * float(scale) for scale in scales]
        zero = int(y.quantization.zeroPoint[0])
        lowest = zero if node.builtinOptions.fusedActivationFunction == 1 else -128
        factors = [value / float(made) for value in product]
        yield weights, bias, factors, int(x.quantization.zeroPoint[0]), zero, lowest


def twice(sums, factor):
    """gemmlowp: SaturatingRoundingDoublingHighMul, then RoundingDivideByPOT."""
    fraction, exponent = math.frexp(factor)
    multiplier = int(math.floor(fraction * 2**31 + 0.5))
    if multiplier == 2**31:
        multiplier, exponent = 2**30, exponent + 1
    product = (sums << max(exponent, 0)) * multiplier
    nudged = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    high = np.sign(nudged) * (np.abs(nudged) >> 31)
    shift = max(-exponent, 0)
    mask = (1 << shift) - 1
    threshold = (mask >> 1) + (high < 0)
    return (high >> shift) + ((high & mask) > threshold)


def double(path, rows):
    codes = rows.astype(np.int64)
    for weights, bias, factors, taken, zero, lowest in layers(path):
        sums = (codes - taken) @ weights.astype(np.int64).T + bias
        made = np.stack([twice(sums[:, row], factor) for row, factor in enumerate(factors)], 1)
        codes = np.clip(made + zero, lowest, 127)
    return codes.astype(np.int8)


def share(path, codes, answers, name):
    np.save(folder / "codes.npy", codes)
    np.save(folder / "other.npy", answers)
    done = subprocess.run(
        [NNQ, "diff", str(path), str(folder / "codes.npy"), "--outputs", str(folder / "other.npy"),
         "--json"], capture_output=True, text=True, check=True)
    found = {rule["name"]: rule for rule in json.loads(done.stdout)["semantics"]}
    others = ", ".join(f"{rule['agreement']:.4%} {key}" for key, rule in found.items() if key != name)
    print(f"  {name}: {found[name]['equal']} of {found[name]['codes']} codes equal ({others})")


for path in sorted(Path(sys.argv[2]).glob("*/*int8.tflite")):
    size = sum(weights.size for weights, *_ in layers(path))
    width = next(layers(path))[0].shape[1]
    rows = random.integers(-128, 128, (min(20_000, ROWS * 8 // size), width)).astype(np.int8)
    print(f"{path.name}, {len(rows)} rows of random codes")
    share(path, rows, litert(path, rows, OpResolverType.BUILTIN_REF), "nnq")
    share(path, rows, litert(path, rows, OpResolverType.AUTO), "litert-float")
    share(path, rows, double(path, rows), "tflite-double")
