# SPDX-License-Identifier: Apache-2.0
"""Compares nnq's quantizer with its peers on the same float networks, calibration rows and test rows.

    benchmarks/quantizers.py NNQ [--nets FOLDER] [--data FOLDER] [--only NAME,...] [--peers] [-- FLAGS]

FOLDER holds a folder for each network with NAME.onnx (scaler inside), NAME_core.onnx and
calibration_rows.npy, and one for each data set with train.csv and test.csv (or .csv.zst). What follows
`--` goes to `nnq quantize`. It needs numpy and onnx; --peers also onnxruntime and sympy.
"""
import argparse
import io
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

TASKS = {
    "occupancy": "binary", "ozone8h": "binary", "ujiindoorloc": "multiclass",
    "wall_robot": "multiclass", "ccpp": "regression", "cmapss_fd001": "regression",
    "shuttle_ad": "anomaly", "hydraulic": "multilabel"}
METRICS = {
    "occupancy": "accuracy", "ozone8h": "pr_auc", "ujiindoorloc": "accuracy",
    "wall_robot": "accuracy", "ccpp": "rmse", "cmapss_fd001": "rmse", "shuttle_ad": "roc_auc",
    "hydraulic": "macro_f1"}


def table(folder, name, part):
    path = folder / name / f"{part}.csv"
    if path.exists():
        text = path.read_text()
    else:
        text = subprocess.run(
            ["zstdcat", f"{path}.zst"], capture_output=True, text=True, check=True).stdout
    head, body = text.split("\n", 1)
    return head.split(","), np.loadtxt(io.StringIO(body), delimiter=",", ndmin=2)


class Net:
    """A float network with its rows and the float answers in standardized units."""

    def __init__(self, name, nets, data):
        self.name, self.task, self.folder = name, TASKS[name], nets / name
        model = onnx.load(self.folder / f"{name}.onnx")
        values = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
        self.mean, self.std = values["mean"].ravel(), values["std"].ravel()
        names, train = table(data, name, "train")
        _, test = table(data, name, "test")
        count = self.mean.size
        self.features = names[:count]
        self.targets = names[count:count + 1] if self.task != "multilabel" else names[count:]
        chosen = np.load(self.folder / "calibration_rows.npy")
        self.train = train[:, :count].astype(np.float32)
        self.calibration, self.test = self.train[chosen], test[:, :count].astype(np.float32)
        self.truth = test[:, count:count + len(self.targets)]
        # Errors are compared in standardized units of the target.
        self.unit = float(values["ystd"].ravel()[0]) if "ystd" in values else 1.0
        self.layers = []
        for node in model.graph.node:
            if node.op_type == "Gemm":
                turned = any(a.name == "transB" and a.i for a in node.attribute)
                weights = values[node.input[1]].astype(float)
                self.layers.append([weights if turned else weights.T, values[node.input[2]], None])
            elif node.op_type in ("Relu", "Tanh"):
                self.layers[-1][2] = node.op_type
        self.output = self.run(self.standardized(self.test))
        self.threshold = None
        if self.task == "anomaly":
            rows = self.standardized(self.train)
            self.threshold = np.percentile(((rows - self.run(rows)) ** 2).mean(1), 99)

    def standardized(self, rows):
        return ((rows.astype(float) - self.mean) / self.std).astype(np.float32)

    def run(self, rows):
        for weights, bias, activation in self.layers:
            rows = rows @ weights.T + bias
            rows = {"Relu": lambda x: np.maximum(x, 0), "Tanh": np.tanh, None: lambda x: x}[activation](rows)
        return rows

    @property
    def covered(self):
        """Test rows whose inputs and outputs lie within what the calibration rows span."""
        seen, rows = self.standardized(self.calibration), self.standardized(self.test)
        ends = self.run(seen)
        return (((rows >= seen.min()) & (rows <= seen.max())).all(1)
                & ((self.output >= ends.min()) & (self.output <= ends.max())).all(1))

    def decisions(self, output):
        if self.task == "multiclass":
            return output.argmax(1)
        if self.task == "anomaly":
            return ((self.standardized(self.test) - output) ** 2).mean(1) > self.threshold
        return output > 0

    def flips(self, output):
        if self.task == "regression":
            return None
        return float(np.mean(self.decisions(output) != self.decisions(self.output)))


def sqnr(exact, made):
    noise = ((exact - made) ** 2).sum()
    return 10 * np.log10(((exact - exact.mean(0)) ** 2).sum() / max(noise, 1e-300))


class Own:
    """nnq itself, by its command line: every figure comes from the C runtime."""

    def __init__(self, path, flags):
        self.path, self.flags = path, flags
        self.folder = Path(tempfile.mkdtemp(prefix="nnq-quantizers-"))

    def call(self, *words):
        done = subprocess.run([self.path, *map(str, words)], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"nnq {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def measure(self, net, flags=()):
        names, model, made = (self.folder / f"{net.name}{end}" for end in (".txt", ".bin", ".int8.bin"))
        names.write_text("\n".join(net.features) + "\n")
        words = ["import", net.folder / f"{net.name}.onnx", "-o", model, "--features", names,
                 "--task", net.task, "--targets", ",".join(net.targets)]
        if net.threshold is not None:
            words += ["--threshold", net.threshold, "--labels", "0,1"]
        self.call(*words)
        rows = {part: self.folder / f"{part}.npy" for part in ("calibration", "test", "covered")}
        np.save(rows["calibration"], net.calibration)
        np.save(rows["test"], net.test)
        np.save(rows["covered"], net.test[net.covered])
        self.call("quantize", model, "-o", made, "--calibrate", rows["calibration"], *self.flags, *flags)
        whole = json.loads(self.call("diff", model, made, rows["test"], "--json"))
        inside = json.loads(self.call("diff", model, made, rows["covered"], "--json"))
        return {"change": self.metric(net, made) - self.metric(net, model), "flips": whole["flips"],
                "sqnr": whole["sqnr_db"], "covered": inside["sqnr_db"],
                "worst": whole["max_abs_error"] / net.unit}

    def metric(self, net, model):
        labelled = self.folder / "labelled.csv"
        lines = [",".join([*net.features, *net.targets])]
        for row, truth in zip(net.test, net.truth):
            labels = [repr(float(t)) if net.task == "regression" else str(int(t)) for t in truth]
            lines.append(",".join([repr(float(value)) for value in row] + labels))
        labelled.write_text("\n".join(lines) + "\n")
        return json.loads(self.call("eval", model, labelled, "--json"))["metrics"][METRICS[net.name]]


def onnxruntime_peers(net):
    """ONNX Runtime's recipes on the core network with host-standardized inputs."""
    import onnxruntime
    from onnxruntime import quantization as q
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Rows(q.CalibrationDataReader):
        def __init__(self, rows, name):
            self.items = iter([{name: rows[i:i + 1]} for i in range(len(rows))])

        def get_next(self):
            return next(self.items, None)

    folder = Path(tempfile.mkdtemp(prefix="nnq-ort-"))
    quant_pre_process(str(net.folder / f"{net.name}_core.onnx"), str(folder / "pre.onnx"))
    name = onnx.load(folder / "pre.onnx").graph.input[0].name
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    methods = {"minmax": q.CalibrationMethod.MinMax, "percentile": q.CalibrationMethod.Percentile,
               "entropy": q.CalibrationMethod.Entropy}
    for title, method in methods.items():
        q.quantize_static(
            str(folder / "pre.onnx"), str(folder / "int8.onnx"),
            Rows(net.standardized(net.calibration), name), per_channel=True,
            quant_format=q.QuantFormat.QDQ, activation_type=q.QuantType.QInt8,
            weight_type=q.QuantType.QInt8, calibrate_method=method)
        session = onnxruntime.InferenceSession(str(folder / "int8.onnx"), options)
        made = session.run(None, {name: net.standardized(net.test)})[0].astype(float)
        yield f"ort {title}", {
            "change": None, "flips": net.flips(made), "sqnr": sqnr(net.output, made),
            "covered": sqnr(net.output[net.covered], made[net.covered]),
            "worst": float(np.abs(net.output - made).max())}


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("nnq")
    words.add_argument("--nets", type=Path, default=Path("../shared/models/dataset_nets"))
    words.add_argument("--data", type=Path, default=Path("../shared/data"))
    words.add_argument("--only", default=",".join(TASKS))
    words.add_argument("--peers", action="store_true")
    words.add_argument("flags", nargs="*")
    words = words.parse_args()
    recipes = {"nnq": [], "nnq 8-bit activations": ["--activations", "8"],
               "nnq 16x8": ["--activations", "16", "--input", "16"],
               "nnq pure int8": ["--input", "8", "--output", "8", "--activations", "8"],
               "nnq 4-bit weights": ["--weights", "4"],
               "nnq 4 bits, nearest": ["--weights", "4", "--rounding", "nearest", "--no-bias-correction"],
               "nnq mixed weights": ["--weights", "mixed"]}
    rows = {}
    print(f"{'net':14} {'recipe':24} {'change':>8} {'flips %':>8} {'SQNR':>6} {'covered':>7} {'worst':>8}")
    for name in words.only.split(","):
        net = Net(name, words.nets, words.data)
        own = Own(words.nnq, words.flags)
        results = [(title, own.measure(net, flags)) for title, flags in recipes.items()]
        if words.peers:
            results += onnxruntime_peers(net)
        for title, result in results:
            rows.setdefault(title, []).append(result)
            change = "-" if result["change"] is None else f"{result['change']:+.4f}"
            flips = "-" if result["flips"] is None else f"{100 * result['flips']:.3f}"
            print(f"{name:14} {title:24} {change:>8} {flips:>8} {result['sqnr']:6.1f} "
                  f"{result['covered']:7.1f} {result['worst']:8.3g}", flush=True)
    for title, results in rows.items():
        flips = [result["flips"] for result in results if result["flips"] is not None]
        print(f"{'mean':14} {title:24} {'':8} {100 * np.mean(flips) if flips else 0:8.3f} "
              f"{np.mean([r['sqnr'] for r in results]):6.1f} {np.mean([r['covered'] for r in results]):7.1f}")


main()
