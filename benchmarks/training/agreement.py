#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Repeats training steps in PyTorch and compares the parameters: agreement.py CASES.jsonl

Each line is a case that the Swift test "PyTorch" wrote: a network with its first parameters, rows,
a loss, an optimizer and the parameters after the steps, all in binary64. Prints the largest
difference of each case relative to 1 or the parameter; exits with 1 where one passes 1e-5.
"""
import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    # The slope is a binary32 number.
    "leaky-relu": lambda x: F.leaky_relu(x, float(torch.tensor(0.01, dtype=torch.float32))),
    "relu6": F.relu6,
    "gelu": F.gelu,
    "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "hard-swish": F.hardswish,
}


def parameters(case):
    """The tensors of each operation: (weights or gamma, bias or beta), or nothing."""
    place, found = 0, []
    for op in case["operations"]:
        inputs, outputs = op["inputs"], op["outputs"]
        shapes = {"dense": [(outputs, inputs), (outputs,)], "batch": [(inputs,)] * 2, "layer": [(inputs,)] * 2}
        tensors = []
        for shape in shapes.get(op["name"], []):
            count = 1
            for size in shape:
                count *= size
            values = torch.tensor(case["before"][place : place + count]).reshape(shape)
            tensors.append(values.requires_grad_())
            place += count
        found.append(tensors)
    return found


def forward(case, tensors, x):
    values = [x]
    for op, own in zip(case["operations"], tensors):
        x = values[-1]
        act = ACTIVATIONS[op["activation"]]
        if op["name"] == "dense":
            y = act(F.linear(x, *own))
        elif op["name"] == "batch":
            y = act(F.batch_norm(x, None, None, *own, training=True, eps=1e-5))
        elif op["name"] == "layer":
            y = act(F.layer_norm(x, x.shape[1:], *own, eps=1e-5))
        elif op["name"] == "gate":
            half = x.shape[1] // 2
            y = act(x[:, :half]) * x[:, half:]
        elif op["name"] == "add":
            y = act(x + values[op["source"]])
        elif op["name"] == "log-softmax":
            y = F.log_softmax(x, 1)
        values.append(y)
    return values[-1]


def loss(case, y):
    weights = torch.tensor(case["weights"]) if case["weights"] else None
    smoothing = case["smoothing"]
    if case["loss"] in ("cross-entropy", "nll"):
        t = torch.tensor(case["targets"]).long().flatten()
        if case["loss"] == "nll":
            return F.nll_loss(y, t, weights, reduction="sum") / len(t)
        each = F.cross_entropy(y, t, weights, reduction="none", label_smoothing=smoothing)
        return each.sum() / len(t)
    t = torch.tensor(case["targets"]).reshape(y.shape)
    if case["loss"] == "bce":
        return F.binary_cross_entropy_with_logits(y, t * (1 - smoothing) + smoothing / 2)
    return {"mse": F.mse_loss, "mae": F.l1_loss, "huber": F.huber_loss}[case["loss"]](y, t)


def optimizer(case, tensors):
    decaying = [own[0] for op, own in zip(case["operations"], tensors) if op["name"] == "dense"]
    others = [t for op, own in zip(case["operations"], tensors) for t in (own[1:] if op["name"] == "dense" else own)]
    groups = [{"params": decaying, "weight_decay": case["decay"]}, {"params": others, "weight_decay": 0.0}]
    if case["optimizer"] == "adamw":
        return torch.optim.AdamW(groups, lr=case["rate"])
    if case["optimizer"] == "adam":
        return torch.optim.Adam(groups, lr=case["rate"])
    return torch.optim.SGD(groups, lr=case["rate"], momentum=case["momentum"])


def main():
    worst = 0.0
    for line in open(sys.argv[1]):
        case = json.loads(line)
        tensors = parameters(case)
        move = optimizer(case, tensors)
        x = torch.tensor(case["inputs"]).reshape(case["rows"], -1)
        for _ in range(case["steps"]):
            move.zero_grad()
            loss(case, forward(case, tensors, x)).backward()
            move.step()
        found = torch.cat([t.detach().flatten() for own in tensors for t in own])
        after = torch.tensor(case["after"])
        error = ((found - after).abs() / after.abs().clamp(min=1)).max().item()
        worst = max(worst, error)
        print(f"{case['name']}: {error:.2g}")
    return 0 if worst <= 1e-5 else 1


sys.exit(main())
