# SPDX-License-Identifier: Apache-2.0
"""nnq itself, by its command line: every figure comes from the C runtime."""
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

RECIPES = {
    "nnq": [],
    "nnq 8-bit activations": ["--activations", "8"],
    "nnq 16x8": ["--activations", "16", "--input", "16"],
    "nnq pure int8": ["--input", "8", "--output", "8", "--activations", "8"],
    "nnq 4-bit weights": ["--weights", "4"],
    "nnq 4 bits, nearest": ["--weights", "4", "--rounding", "nearest", "--no-bias-correction"],
    "nnq mixed weights": ["--weights", "mixed"]}


class Own:
    def __init__(self, path, flags):
        self.path, self.flags = path, flags
        self.scratch = tempfile.TemporaryDirectory(prefix="nnq-quantizers-")
        self.folder = Path(self.scratch.name)

    def call(self, *words):
        done = subprocess.run([self.path, *map(str, words)], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"nnq {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def imported(self, net):
        """The network as a model of nnq, scaler inside."""
        names, model = self.folder / f"{net.name}.txt", self.folder / f"{net.name}.bin"
        names.write_text("\n".join(net.features) + "\n")
        words = ["import", net.path, "-o", model, "--features", names, "--task", net.task]
        if net.targets:
            words += ["--targets", ",".join(net.targets)]
        if net.threshold is not None:
            words += ["--threshold", net.threshold, "--labels", "0,1"]
        elif net.labels:
            words += ["--labels", ",".join(net.labels)]
        self.call(*words)
        return model

    def recipes(self, net):
        """Each recipe's name and measures."""
        model, made = self.imported(net), self.folder / f"{net.name}.int8.bin"
        rows = {part: self.folder / f"{part}.npy"
                for part in ("calibration", "test", "covered", "outside")}
        np.save(rows["calibration"], net.calibration)
        np.save(rows["test"], net.test)
        np.save(rows["covered"], net.test[net.covered])
        np.save(rows["outside"], net.test[~net.covered])
        float_metric = self.metric(net, model)
        if float_metric is not None and abs(float_metric - net.metric(net.output)) > 1e-4:
            raise SystemExit(f"{net.name}: nnq and scikit-learn differ on the float network's metric")
        for title, flags in RECIPES.items():
            self.call("quantize", model, "-o", made, "--calibrate", rows["calibration"],
                      *self.flags, *flags)
            whole = json.loads(self.call("diff", model, made, rows["test"], "--json"))
            inside = json.loads(self.call("diff", model, made, rows["covered"], "--json"))
            outside = None
            if not net.covered.all():
                answer = self.call("diff", model, made, rows["outside"], "--json")
                outside = json.loads(answer)["max_abs_error"] / net.unit
            metric = self.metric(net, made)
            yield title, {
                "change": None if metric is None else metric - float_metric,
                "flips": None if net.task == "regression" else whole["flips"],
                "sqnr": whole["sqnr_db"], "covered": inside["sqnr_db"],
                "worst": whole["max_abs_error"] / net.unit, "outside": outside}

    def metric(self, net, model):
        if net.truth is None:
            return None
        labelled = self.folder / "labelled.csv"
        lines = [",".join([*net.features, *net.targets])]
        for row, truth in zip(net.test, net.truth):
            labels = [repr(float(t)) if net.task == "regression"
                      else t if isinstance(t, str) else str(int(t)) for t in truth]
            lines.append(",".join([repr(float(value)) for value in row] + labels))
        labelled.write_text("\n".join(lines) + "\n")
        report = json.loads(self.call("eval", model, labelled, "--json"))
        return report["metrics"][net.metric_name]

    def tflite(self, net, onnx, path):
        """The float network of an ONNX file as TFLite, for the peers that take no other."""
        model = path.with_suffix(".bin")
        self.call("import", onnx, "-o", model)
        self.call("export", model, "--to", "tflite", "-o", path)
