# SPDX-License-Identifier: Apache-2.0
"""What every generator of fixtures shares: rows, runtimes, and the index."""
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
ROWS = 24
# Float runtimes sum in another order: n terms of binary32 err by less than n * 2^-24 of their sizes.
FLOAT = ("1e-5", "of the outputs' range: binary32 sums in another order")
# LiteRT computes probabilities in binary32, nnq in binary64.
SHARE = ("1e-5", "of 1: exponentials of binary32 logits")
EXACT = ("0", "LiteRT's reference kernels round as nnq does")
CODES = ("2", "codes, 1 in 99.9 % of them: onnxruntime scales and rounds in binary32, ties to even")

_index = []


def random(name):
    """Numbers that depend on the fixture's name alone, so that adding one changes no other."""
    return np.random.default_rng(list(name.encode()))


def add(name, suffix, source, opset, kind, tolerance, rows=None, answers=None, task=""):
    """Notes a model that was written as NAME.SUFFIX, and writes what goes in and comes out."""
    if rows is not None:
        np.save(FOLDER / f"{name}.input.npy", np.ascontiguousarray(rows))
        answers = np.ascontiguousarray(answers)
        np.save(FOLDER / f"{name}.output.npy", answers.reshape(len(rows), -1))
    _index.append([name, f"{name}.{suffix}", source, str(opset), kind, task, *tolerance])


def refused(name, suffix, source, opset, error, what):
    _index.append([name, f"{name}.{suffix}", source, str(opset), "refused", "", error, what])


def run_onnx(path, rows, output=0):
    import onnxruntime
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0]
    if len(taken.shape) == 1:
        return np.stack([session.run(None, {taken.name: row})[output] for row in rows])
    if isinstance(taken.shape[0], int):
        answers = [session.run(None, {taken.name: row[None]})[output] for row in rows]
        return np.concatenate([np.reshape(answer, (1, -1)) for answer in answers])
    return session.run(None, {taken.name: rows})[output]


def run_tflite(path, rows):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    interpreter = Interpreter(
        str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    taken, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    answers = []
    for row in rows:
        interpreter.set_tensor(taken["index"], row.reshape(taken["shape"]).astype(taken["dtype"]))
        interpreter.invoke()
        answers.append(interpreter.get_tensor(made["index"]).reshape(-1).copy())
    return np.array(answers)


def without_places(path):
    """Takes out the source files and lines of this machine that exporters note in a network."""
    import onnx
    model = onnx.load(path)
    for part in [model, model.graph, *model.graph.node, *model.functions]:
        del part.metadata_props[:]
        part.doc_string = ""
    for function in model.functions:
        for node in function.node:
            del node.metadata_props[:]
            node.doc_string = ""
    onnx.save(model, path)


def write_index():
    for line in _index:
        if line[1].endswith(".onnx") and line[4] != "refused":
            without_places(FOLDER / line[1])
    names = [line[0] for line in _index]
    assert len(set(names)) == len(names)
    heading = ["name", "file", "source", "opset", "kind", "task", "tolerance", "derivation"]
    lines = ["\t".join(line) for line in [heading, *sorted(_index)]]
    (FOLDER / "index.tsv").write_text("\n".join(lines) + "\n")
