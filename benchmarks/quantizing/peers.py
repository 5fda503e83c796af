# SPDX-License-Identifier: Apache-2.0
"""The peers' best recipes, each in its own runtime.

Each recipe runs twice: on rows that the host standardized in floating point, and on raw rows with
the scaler inside the network, where the peers leave that scaler in floating point or quantize it as
they choose. Calibration rows go in one at a time, in their order; ai-edge-quantizer, which averages
over what it is given, gets them as one batch.
"""
import contextlib
import io
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def recipes(net, own):
    """Each recipe's name and measures, or why its runtime did not run what it made."""
    with tempfile.TemporaryDirectory(prefix="nnq-peers-") as folder:
        for form, scaler in (("", False), (" raw", True)):
            rows = net.test if scaler else net.standardized(net.test)
            calibration = net.calibration if scaler else net.standardized(net.calibration)
            path = Path(folder) / f"float{form.strip()}.onnx"
            net.onnx(path, scaler)
            for peer in (onnxruntime_recipes, ai_edge_recipes, torch_recipes):
                for title, run in peer(net, own, path, calibration, scaler):
                    try:
                        made = run(rows).astype(float)
                    except RuntimeError as error:
                        # LiteRT will not divide by what became 0 among the codes.
                        yield title + form, str(error).split("\n")[0]
                    else:
                        yield title + form, net.measures(made)


def onnxruntime_quantize(path, made, calibration, method, options=None):
    """ONNX Runtime's static quantization with its recommended preprocessing."""
    from onnxruntime import quantization as q
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Rows(q.CalibrationDataReader):
        def __init__(self):
            self.items = iter([{"x": calibration[i:i + 1]} for i in range(len(calibration))])

        def get_next(self):
            return next(self.items, None)

    ready = made.with_suffix(".pre.onnx")
    quant_pre_process(str(path), str(ready))
    q.quantize_static(
        str(ready), str(made), Rows(), per_channel=True, quant_format=q.QuantFormat.QDQ,
        activation_type=q.QuantType.QInt8, weight_type=q.QuantType.QInt8,
        calibrate_method=getattr(q.CalibrationMethod, method), extra_options=options)


def onnxruntime_recipes(net, own, path, calibration, scaler):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    for method, settings in (("MinMax", None), ("Percentile", None),
                             ("Percentile", {"CalibPercentile": 99.9}), ("Entropy", None)):
        made = path.with_suffix(".int8.onnx")
        with contextlib.redirect_stdout(io.StringIO()):
            onnxruntime_quantize(path, made, calibration, method, settings)
        session = onnxruntime.InferenceSession(str(made), options)
        yield f"ort {method.lower()}{' 99.9' if settings else ''}", lambda rows: session.run(None, {"x": rows})[0]


def ai_edge_recipes(net, own, path, calibration, scaler):
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, recipe
    from ai_edge_quantizer.algorithm_manager import AlgorithmName as names
    from ai_edge_quantizer.qtyping import TFLOperationName as operations
    tflite = path.with_suffix(".tflite")
    own.tflite(net, path, tflite)
    (signature, ends), = Interpreter(str(tflite)).get_signature_list().items()
    name, = ends["inputs"]
    for title, algorithm, bits in (
            ("minmax", names.MIN_MAX_UNIFORM_QUANT, 8), ("octav", names.OCTAV, 8),
            ("gptq", names.GPTQ, 8), ("16x8", names.MIN_MAX_UNIFORM_QUANT, 16)):
        everything = recipe.static_wi8_ai8() if bits == 8 else recipe.static_wi8_ai16()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            # OCTAV knows weights only; GPTQ leaves all but dense layers in floating point.
            one = quantizer.Quantizer(
                str(tflite), [] if algorithm == names.GPTQ else everything)
            one.add_static_config(
                ".*", operations.FULLY_CONNECTED, activation_num_bits=bits, weight_num_bits=8,
                algorithm_key=algorithm)
            found = one.calibrate({signature: [{name: calibration}]})
            made = bytes(one.quantize(found).quantized_model)
        yield f"ai-edge {title}", lambda rows: run_tflite(made, rows)


def run_tflite(model, rows):
    """The answers of a TFLite network in real units, one row at a time as a device would."""
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_content=model)
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(taken["index"], rows.shape)
    interpreter.allocate_tensors()
    scale, zero = taken["quantization"]
    if scale:
        ends = np.iinfo(taken["dtype"])
        rows = np.clip(np.floor(rows / scale + 0.5) + zero, ends.min, ends.max)
    interpreter.set_tensor(taken["index"], rows.astype(taken["dtype"]))
    interpreter.invoke()
    made = interpreter.get_tensor(given["index"])
    scale, zero = given["quantization"]
    return (made.astype(float) - zero) * scale if scale else made


def torch_recipes(net, own, path, calibration, scaler):
    warnings.filterwarnings("ignore")
    import torch
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    class Scaler(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.tensor(net.mean, dtype=torch.float32))
            self.register_buffer("std", torch.tensor(net.std, dtype=torch.float32))

        def forward(self, x):
            return (x - self.mean) / self.std

    parts = [Scaler()] if scaler else []
    for weights, bias, activation in net.layers:
        layer = torch.nn.Linear(weights.shape[1], weights.shape[0])
        layer.weight.data = torch.tensor(weights, dtype=torch.float32)
        layer.bias.data = torch.tensor(np.asarray(bias), dtype=torch.float32)
        parts.append(layer)
        if activation:
            parts.append({"Relu": torch.nn.ReLU, "Tanh": torch.nn.Tanh}[activation]())
    model = torch.nn.Sequential(*parts).eval()
    for engine in ("x86", "onednn"):
        torch.backends.quantized.engine = engine
        with torch.no_grad():
            ready = prepare_fx(
                model, get_default_qconfig_mapping(engine), (torch.tensor(calibration[:1]),))
            for index in range(len(calibration)):
                ready(torch.tensor(calibration[index:index + 1]))
            made = convert_fx(ready)
        yield f"torch {engine}", lambda rows: made(torch.tensor(rows)).detach().numpy()
