# SPDX-License-Identifier: Apache-2.0
"""Networks as PyTorch and scikit-learn export them, and as onnxruntime quantizes them."""
import numpy as np

from fixture import CODES, FLOAT, FOLDER, ROWS, SHARE, add, random, refused, run_onnx


def torch_models():
    import torch
    from torch import nn

    def mlp(*between, inputs=5, outputs=3, tail=()):
        return nn.Sequential(nn.Linear(inputs, 8), *between, nn.Linear(8, outputs), *tail)

    def export(name, net, opset, dynamo, kind="values", task="regression", inputs=5):
        torch.manual_seed(int(random(name).integers(1 << 31)))
        for module in net.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
            if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)):
                nn.init.uniform_(module.weight, 0.5, 2)
                nn.init.normal_(module.bias)
            if isinstance(module, nn.BatchNorm1d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
        net.eval()
        path = FOLDER / f"{name}.onnx"
        sample = torch.zeros(2, inputs)
        if dynamo:
            torch.onnx.export(
                net, (sample,), path, dynamo=True, opset_version=opset, external_data=False,
                dynamic_shapes=({0: torch.export.Dim("batch")},), verbose=False)
        else:
            torch.onnx.export(
                net, (sample,), path, dynamo=False, opset_version=opset, input_names=["x"],
                output_names=["y"], dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
        rows = (random(name).normal(size=(ROWS, inputs)) * 2).astype(np.float32)
        add(name, "onnx", "torch.onnx", opset, kind, FLOAT if kind == "values" else SHARE, rows,
            run_onnx(path, rows), task)

    for opset in (11, 13, 17):
        export(f"torch_relu_opset{opset}", mlp(nn.ReLU()), opset, False)
    for opset in (18, 20, 22):
        export(f"torch_relu_opset{opset}", mlp(nn.ReLU()), opset, True)
    export("torch_batch_norm", mlp(nn.BatchNorm1d(8), nn.ReLU()), 17, False)
    export("torch_batch_norm_dynamo", mlp(nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout()), 18, True)
    export("torch_layer_norm", mlp(nn.LayerNorm(8), nn.ReLU()), 17, False)
    export("torch_layer_norm_dynamo", mlp(nn.LayerNorm(8), nn.Tanh()), 18, True)
    export("torch_leaky_relu", mlp(nn.LeakyReLU(0.1)), 18, True)
    export("torch_gelu", mlp(nn.GELU()), 20, True)
    export("torch_gelu_erf", mlp(nn.GELU()), 17, False)
    export("torch_gelu_tanh", mlp(nn.GELU("tanh")), 20, True)
    export("torch_silu", mlp(nn.SiLU()), 18, True)
    export("torch_hard_swish", mlp(nn.Hardswish()), 17, False)
    export("torch_relu6", mlp(nn.ReLU6()), 17, False)
    export("torch_no_bias", nn.Sequential(
        nn.Linear(5, 8, bias=False), nn.ReLU(), nn.Linear(8, 3, bias=False)), 18, True)
    export("torch_softmax", mlp(nn.Tanh(), tail=[nn.Softmax(1)]), 18, True, "probabilities", "")
    export("torch_sigmoid", mlp(nn.Sigmoid(), outputs=1, tail=[nn.Sigmoid()]), 17, False,
           "probabilities", "")


def sklearn_models():
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def fit(name, network, targets, opset, options, kind, task, output):
        rand = random(name)
        rows = (rand.normal(size=(300, 6)) * [1, 40, 0.01, 7, 1, 300] + [0, 9, 1, -3, 0, 1000])
        rows = rows.astype(np.float32)
        pipeline = make_pipeline(StandardScaler(), network)
        pipeline.fit(rows, targets((rows - rows.mean(0)) / rows.std(0)))
        options = None if options is None else {id(pipeline): options}
        model = to_onnx(pipeline, rows[:1], options=options, target_opset={"": opset, "ai.onnx.ml": 3})
        path = FOLDER / f"{name}.onnx"
        path.write_bytes(model.SerializeToString())
        answers = run_onnx(path, rows[:ROWS], output)
        if kind == "probabilities":
            if isinstance(answers, list):
                answers = np.array([list(answer.values()) for answer in answers], np.float32)
            # Of two classes nnq gives the second.
            answers = answers[:, 1:] if answers.shape[1] == 2 and task != "multilabel" else answers
        add(name, "onnx", "skl2onnx", opset, kind, FLOAT if kind == "values" else SHARE,
            rows[:ROWS], answers.astype(np.float32), "regression" if kind == "values" else "")

    def network(kind, activation="relu"):
        return kind(hidden_layer_sizes=(8, 5), activation=activation, max_iter=60, random_state=1)

    plain = {"zipmap": False}
    two = lambda rows: (rows[:, 0] + rows[:, 1] > 0).astype(int)
    three = lambda rows: np.digitize(rows[:, 0] + rows[:, 2], [-0.7, 0.7])
    names = lambda rows: np.array(["cold", "warm", "hot"])[three(rows)]
    many = lambda rows: (rows[:, :4] > 0.3).astype(int)
    one = lambda rows: rows[:, 0] * 3 + rows[:, 3]
    pair = lambda rows: rows[:, :2] * 5
    fit("skl_binary", network(MLPClassifier), two, 13, plain, "probabilities", "", 1)
    fit("skl_binary_zipmap", network(MLPClassifier), two, 15, None, "probabilities", "", 1)
    fit("skl_multiclass", network(MLPClassifier, "tanh"), three, 12, plain, "probabilities", "", 1)
    fit("skl_multiclass_names", network(MLPClassifier, "logistic"), names, 17, None,
        "probabilities", "", 1)
    fit("skl_multilabel", network(MLPClassifier), many, 18, plain, "probabilities", "multilabel", 1)
    fit("skl_regressor", network(MLPRegressor), one, 11, None, "values", "", 0)
    fit("skl_regressor_pair", network(MLPRegressor, "tanh"), pair, 18, None, "values", "", 0)
    fit("skl_regressor_linear", network(MLPRegressor, "identity"), one, 21, None, "values", "", 0)


def quantized_models():
    from onnxruntime.quantization import (
        CalibrationDataReader, QuantFormat, QuantType, quantize_static)

    from onnx_models import Graph, dense

    class Rows(CalibrationDataReader):
        def __init__(self, rows):
            self.rest = iter(rows)

        def get_next(self):
            row = next(self.rest, None)
            return None if row is None else {"x": row[None]}

    def quantize(name, form, activations, per_channel, opset=17, widths=(6, 16, 8, 3), build=None,
                 error=None):
        graph = Graph(name)
        build(graph) if build else dense(graph, widths, "Relu", transB=1)
        path = graph.save(widths[0], ["N", widths[-1]], opset)
        source = path.rename(path.with_suffix(".float"))
        rows = graph.random.normal(size=(200, widths[0])).astype(np.float32)
        quantize_static(
            source, path, Rows(rows), quant_format=form, activation_type=activations,
            weight_type=QuantType.QInt8, per_channel=per_channel)
        source.unlink()
        if error:
            refused(name, "onnx", "onnxruntime.quantization", opset, error,
                    "a sum of codes that were rounded before")
            return
        # On the input's own grid, so that how the input is rounded does not matter.
        import onnx
        from onnx import numpy_helper
        model = onnx.load(path)
        values = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
        first = next(node for node in model.graph.node if node.op_type == "QuantizeLinear")
        scale, zero = values[first.input[1]], int(values[first.input[2]])
        low = -128 if activations == QuantType.QInt8 else 0
        codes = graph.random.integers(low, low + 256, (120, widths[0]))
        rows = ((codes - zero) * scale).astype(np.float32)
        tool = "onnxruntime.quantization"
        add(name, "onnx", tool, opset, "quantized", CODES, rows, run_onnx(path, rows), "regression")

    qdq, operators = QuantFormat.QDQ, QuantFormat.QOperator
    signed, unsigned = QuantType.QInt8, QuantType.QUInt8
    quantize("qdq_s8s8_tensor", qdq, signed, False)
    quantize("qdq_s8s8_channel", qdq, signed, True)
    quantize("qdq_u8s8_tensor", qdq, unsigned, False)
    quantize("qdq_u8s8_channel", qdq, unsigned, True, 13)
    # The quantizer rounds the product to codes before the bias is added to them.
    quantize("refused_qdq_sum", qdq, signed, False,
             build=lambda g: dense(g, [6, 16, 8, 3], "Relu", product=True),
             error="unsupportedUse QuantizeLinear")
    quantize("qgemm_s8s8", operators, signed, False)
    quantize("qgemm_u8s8", operators, unsigned, True)
    quantize("qlinear_matmul", operators, signed, False,
             build=lambda g: dense(g, [6, 16, 8, 3], "Relu", product=True, bias=False))
