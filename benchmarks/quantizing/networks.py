# SPDX-License-Identifier: Apache-2.0
"""Float networks with their rows, and the float answers that quantized ones are compared with."""
import io
import subprocess
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TASKS = {
    "occupancy": "binary", "ozone8h": "binary", "ujiindoorloc": "multiclass",
    "wall_robot": "multiclass", "ccpp": "regression", "cmapss_fd001": "regression",
    "shuttle_ad": "anomaly", "hydraulic": "multilabel"}
METRICS = {"ozone8h": "pr_auc", "hydraulic": "macro_f1"}
METRIC_OF_TASK = {
    "binary": "accuracy", "multiclass": "accuracy", "regression": "rmse", "anomaly": "roc_auc"}
ACTIVATIONS = {"Relu": lambda x: np.maximum(x, 0), "Tanh": np.tanh, None: lambda x: x}


def table(path):
    """The column names and the text rows of a CSV file, plain or as `.zst` beside its name."""
    if path.exists():
        text = path.read_text()
    else:
        text = subprocess.run(
            ["zstdcat", f"{path}.zst"], capture_output=True, text=True, check=True).stdout
    head, body = text.split("\n", 1)
    return head.split(","), body


def numbers(body):
    return np.loadtxt(io.StringIO(body), delimiter=",", ndmin=2)


class Network:
    """A chain of dense layers with a scaler before and, for a regression, one behind.

    - layers: [outputs, inputs] weights, [outputs] bias, ONNX name of the activation or None.
    - calibration, test: [rows, features] in the sensor's own units.
    - truth: [rows, targets], None where the rows have no labels.
    """

    def __init__(self, name, path, task, features, targets, calibration, test, truth=None,
                 train=None, metric=None, labels=None):
        self.name, self.path, self.task = name, path, task
        self.features, self.targets, self.labels = features, targets, labels
        self.calibration, self.test, self.truth = calibration, test, truth
        self.metric_name = metric or METRIC_OF_TASK[task]
        self.read(onnx.load(path), len(features))
        self.output = self.run(self.standardized(self.test))
        self.threshold = None
        if task == "anomaly":
            rows = self.standardized(calibration if train is None else train)
            self.threshold = float(np.percentile(self.score(rows, self.run(rows)), 99))

    def read(self, model, count):
        values = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
        self.layers, self.mean, self.std = [], np.zeros(count), np.ones(count)
        self.unit, self.origin = 1.0, 0.0
        for node in model.graph.node:
            other = values[node.input[1]].ravel() if len(node.input) > 1 else None
            if node.op_type == "Gemm":
                turned = any(a.name == "transB" and a.i for a in node.attribute)
                weights = values[node.input[1]].astype(float)
                self.layers.append([weights if turned else weights.T, values[node.input[2]], None])
            elif node.op_type in ("Relu", "Tanh"):
                self.layers[-1][2] = node.op_type
            elif node.op_type == "Sub":
                self.mean = other.astype(float)
            elif node.op_type == "Div":
                self.std = other.astype(float)
            elif node.op_type == "Mul":
                self.unit = float(other[0])
            elif node.op_type == "Add":
                self.origin = float(other[0])
            elif node.op_type not in ("Cast", "Softmax", "Identity"):
                raise SystemExit(f"{self.path}: {node.op_type} is not read here")

    def standardized(self, rows):
        return ((rows.astype(float) - self.mean) / self.std).astype(np.float32)

    def run(self, rows):
        """[rows, outputs] in the units of the last layer."""
        for weights, bias, activation in self.layers:
            rows = ACTIVATIONS[activation](rows @ weights.T + bias)
        return rows

    @property
    def covered(self):
        """Test rows whose inputs and outputs lie within what the calibration rows span."""
        seen, rows = self.standardized(self.calibration), self.standardized(self.test)
        ends = self.run(seen)
        return (((rows >= seen.min()) & (rows <= seen.max())).all(1)
                & ((self.output >= ends.min()) & (self.output <= ends.max())).all(1))

    @staticmethod
    def score(rows, output):
        return ((rows - output) ** 2).mean(1)

    def decisions(self, output):
        if self.task == "multiclass":
            return output.argmax(1)
        if self.task == "anomaly":
            return self.score(self.standardized(self.test), output) > self.threshold
        return output > 0

    def flips(self, output):
        """The share of decisions that differ from the float network's; None for a regression."""
        if self.task == "regression":
            return None
        return float(np.mean(self.decisions(output) != self.decisions(self.output)))

    def metric(self, output):
        """The task's metric on the test rows, None without labels."""
        from sklearn import metrics
        if self.truth is None:
            return None
        if self.metric_name == "accuracy":
            made = self.decisions(output)
            if self.labels is not None:
                made = np.asarray(self.labels)[made]
            return float(np.mean(made.ravel() == self.truth.ravel()))
        if self.metric_name == "rmse":
            made = output * self.unit + self.origin
            return float(np.sqrt(np.mean((made.ravel() - self.truth.ravel()) ** 2)))
        if self.metric_name == "pr_auc":
            return metrics.average_precision_score(self.truth.ravel(), output.ravel())
        if self.metric_name == "roc_auc":
            return metrics.roc_auc_score(
                self.truth.ravel(), self.score(self.standardized(self.test), output))
        return metrics.f1_score(self.truth, output > 0, average="macro", zero_division=0)

    def measures(self, output):
        """What a quantized network's [rows, outputs] on the test rows are worth."""
        inside, change = self.covered, self.metric(output)
        return {
            "change": None if change is None else change - self.metric(self.output),
            "flips": self.flips(output), "sqnr": sqnr(self.output, output),
            "covered": sqnr(self.output[inside], output[inside]),
            "worst": worst(self.output - output),
            "outside": worst((self.output - output)[~inside])}

    def onnx(self, path, scaler):
        """Writes the dense layers, behind `(x - mean) / std` where asked, as ONNX from `x` to `y`."""
        nodes, values, at = [], [], "x"
        if scaler:
            values += [numpy_helper.from_array(self.mean.astype(np.float32), "mean"),
                       numpy_helper.from_array(self.std.astype(np.float32), "std")]
            nodes += [helper.make_node("Sub", [at, "mean"], ["centred"]),
                      helper.make_node("Div", ["centred", "std"], ["standardized"])]
            at = "standardized"
        for index, (weights, bias, activation) in enumerate(self.layers):
            values += [numpy_helper.from_array(weights.astype(np.float32), f"w{index}"),
                       numpy_helper.from_array(bias.astype(np.float32), f"b{index}")]
            nodes.append(helper.make_node(
                "Gemm", [at, f"w{index}", f"b{index}"], [f"gemm{index}"], transB=1))
            at = f"gemm{index}"
            if activation:
                nodes.append(helper.make_node(activation, [at], [f"act{index}"]))
                at = f"act{index}"
        nodes[-1].output[0] = "y"
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", count]) for name, count
                in (("x", len(self.features)), ("y", self.output.shape[1]))]
        model = helper.make_model(
            helper.make_graph(nodes, self.name, ends[:1], ends[1:], values),
            opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def worst(errors):
    return float(np.abs(errors).max()) if errors.size else None


def sqnr(exact, made):
    noise = ((exact - made) ** 2).sum()
    return 10 * np.log10(((exact - exact.mean(0)) ** 2).sum() / max(noise, 1e-300))


def dataset_network(name, nets, data):
    """One of the eight networks on real sensor data: nets/NAME/NAME.onnx, data/NAME/train.csv."""
    path = nets / name / f"{name}.onnx"
    names, train = table(data / name / "train.csv")
    train, test = numbers(train), numbers(table(data / name / "test.csv")[1])
    initializers = onnx.load(path).graph.initializer
    count = next(numpy_helper.to_array(i).size for i in initializers if i.name == "mean")
    targets = names[count:] if TASKS[name] == "multilabel" else names[count:count + 1]
    rows = train[:, :count].astype(np.float32)
    return Network(
        name, path, TASKS[name], names[:count], targets,
        rows[np.load(nets / name / "calibration_rows.npy")], test[:, :count].astype(np.float32),
        truth=test[:, count:count + len(targets)], train=rows, metric=METRICS.get(name))


def recording_network(models):
    """MLPerf Tiny's autoencoder on the windows of one recording: its first half calibrates, no labels."""
    folder = models / "mlperf_tiny_ad"
    frames = np.fromfile(
        folder / "normal_id_01_00000000_hist_librosa.bin", np.float32).reshape(-1, 128)
    windows = np.stack([frames[i:i + 5].ravel() for i in range(len(frames) - 4)])
    half = len(windows) // 2
    return Network(
        "mlperf_tiny", folder / "ad01_float32.onnx", "anomaly",
        [f"x{i}" for i in range(640)], [], windows[:half], windows[half:])


def deep_network(own):
    """Ten hidden layers with batch normalization, trained here on two thirds of simulated motors' rows."""
    whole, train, model, path = (
        own.folder / f"deep{end}" for end in (".csv", ".train.csv", ".bin", ".onnx"))
    own.call("simulate", "motor", "-o", whole, "--rows", 12000, "--quiet")
    names, body = table(whole)
    lines = body.split()
    kept = [line for index, line in enumerate(lines) if index % 3]
    train.write_text("\n".join([",".join(names), *kept]) + "\n")
    own.call("train", train, "-o", model, "--hidden", ",".join(["32"] * 10), "--normalization",
             "batch", "--reproducible", "--quiet")
    own.call("export", model, "--to", "onnx", "-o", path)

    def rows(lines):
        return numbers("\n".join(line.rsplit(",", 1)[0] for line in lines)).astype(np.float32)

    truth = [line.rsplit(",", 1)[1] for line in lines]
    chosen = np.linspace(0, len(kept) - 1, 512).astype(int)
    return Network(
        "deep_batch_norm", path, "multiclass", names[:-1], names[-1:], rows(kept)[chosen],
        rows(lines[::3]), truth=np.array(truth[::3])[:, None], labels=sorted(set(truth)))
