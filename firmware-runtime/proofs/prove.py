# SPDX-License-Identifier: Apache-2.0
"""Proves the arithmetic of the shipped C sources with Z3, for all inputs, on the IR that clang makes.

prove.py [THEOREM...] proves; prove.py --mutants [--one] [THEOREM...] refutes wrong sources instead, one for each
theorem or all. What is assumed of an image is what nnq_load() checks, and no more. See Numerics.md for the
arithmetic.

A function that another calls is proved by itself, for all inputs that its contract allows; the caller's
theorem then takes the call for what was proved, and must show that the contract's demands are met. Each line
names the theorems that its own rests on. C has no recursion here, so that none rests on itself.
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import time

import z3

import kernels
import norm
import scalars
from contracts import BEHIND
from ir import Module
from mutants import MUTANTS
from theorem import Theorem

HERE = os.path.dirname(os.path.abspath(__file__))
CORTEX_M0 = "--target=thumbv6m-none-eabi -ffreestanding".split()
FLAGS = "-std=c99 -O1 -fno-vectorize -fno-slp-vectorize -S -emit-llvm -w".split()

THEOREMS = [
    scalars.shift_right, scalars.requantize, scalars.product, scalars.product_halves, scalars.factors, scalars.saturate, scalars.scaled_code, scalars.table_index,
    scalars.finish, scalars.count, scalars.crc,
    kernels.dense_8x8, kernels.dense_8x16, kernels.dense_4x8, kernels.dense_4x16, kernels.accumulator_bound,
    kernels.dense, kernels.add, kernels.gate,
    norm.norm_sums, norm.norm_spread, norm.norm_scaled, norm.norm_root, norm.norm_distance, norm.norm_quotient, norm.norm_finish,
    norm.layer_norm,
]  # fmt: skip

# Of what only a build for small devices compiles.
OF_CORTEX_M0 = ["product_halves", "norm_quotient"]


def compile_sources(folder, name):
    target = CORTEX_M0 if name in OF_CORTEX_M0 else []
    command = ["clang", *FLAGS, *target, f"-I{folder}/include", "-o", "-", f"{folder}/proofs/steps.c"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def examine(name, ir, exact=False):
    """Z3's answer, as text, what it was asked, how many questions, the theorems behind it, and the seconds."""
    start = time.monotonic()
    theorem = next(theorem for theorem in THEOREMS if theorem.__name__ == name)
    t = Theorem(Module(ir), exact)
    theorem(t)
    result, what = t.verdict()
    behind = sorted({BEHIND[name] for name in t.contracts.used})
    return str(result), what, len(t.questions) + len(t.lemmas), behind, time.monotonic() - start


def prove(names):
    host, small = (compile_sources(os.path.dirname(HERE), name) for name in (None, OF_CORTEX_M0[0]))
    asked = [t for t in THEOREMS if not names or t.__name__ in names]
    failed = False
    with concurrent.futures.ProcessPoolExecutor() as pool:
        answers = [pool.submit(examine, t.__name__, small if t.__name__ in OF_CORTEX_M0 else host) for t in asked]
        for theorem, answer in zip(asked, answers, strict=True):
            result, what, questions, behind, seconds = answer.result()
            mark = "proved" if result == "unsat" else f"NOT PROVED ({result}: {what})"
            failed |= result != "unsat"
            rests = f"; rests on {', '.join(behind)}" if behind else ""
            print(f"{theorem.__name__}: {mark}: {theorem.__doc__} [{questions} questions, {seconds:.1f} s{rests}]", flush=True)
    return failed


def answer_to(mutant):
    """What Z3 says of a wrong source, with products computed, not supposed."""
    file, old, new, name = mutant
    with tempfile.TemporaryDirectory() as folder:
        for part in ("src", "include", "proofs"):
            shutil.copytree(os.path.join(os.path.dirname(HERE), part), os.path.join(folder, part))
        path = os.path.join(folder, "src", file)
        with open(path) as source:
            text = source.read()
        if old not in text:
            raise SystemExit(f"prove: {file} does not hold: {old}")
        with open(path, "w") as source:
            source.write(text.replace(old, new, 1))
        return examine(name, compile_sources(folder, name), exact=True)[0]


def refute(names, is_one_each):
    """Each wrong source must have an input that shows it."""
    start = time.monotonic()
    asked = [mutant for mutant in MUTANTS if not names or mutant[3] in names]
    if is_one_each:
        asked = list({mutant[3]: mutant for mutant in reversed(asked)}.values())
    without = [t.__name__ for t in THEOREMS if not any(t.__name__ == name for *_, name in MUTANTS)]
    if without:
        raise SystemExit(f"prove: no wrong source for {', '.join(without)}")
    refuted = 0
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for (file, _, new, name), result in zip(asked, pool.map(answer_to, asked), strict=True):
            refuted += result == "sat"
            if result != "sat":
                print(f"not refuted ({result}): {name}: {file}: {new}", flush=True)
    print(f"{refuted} of {len(asked)} wrong sources refuted [{time.monotonic() - start:.1f} s]")
    return refuted != len(asked)


if __name__ == "__main__":
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    sys.exit(refute(names, "--one" in sys.argv) if "--mutants" in sys.argv else prove(names))
