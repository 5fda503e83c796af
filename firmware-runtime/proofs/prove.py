# SPDX-License-Identifier: Apache-2.0
"""Proves the arithmetic of the shipped C sources with Z3, for all inputs, on the IR that clang makes.

prove.py [THEOREM...] proves; prove.py --mutants [THEOREM...] refutes wrong sources instead. What is assumed of
an image is what nnq_load() checks, and no more. See Numerics.md for the arithmetic.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import z3

from ir import Machine, Module
from mutants import MUTANTS

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = "-std=c99 -O1 -fno-vectorize -fno-slp-vectorize -S -emit-llvm -w".split()
TIMEOUT_MS = 60_000

# Where things lie; far enough apart that no two overlap.
NODE, RECORD, DATA, X, Y, KEPT, KEPT_CODES, MODEL, COUNTS, MULTIPLIER, ROW = (k << 32 for k in range(1, 12))
RECORD_BYTES, NODE_BYTES, COUNT_BYTES = 24, 24, 20


def at(address):
    return z3.BitVecVal(address, 64)


def sym(name, bits=32):
    return z3.BitVec(name, bits)


def wide(x, bits=128):
    return z3.SignExt(bits - x.size(), x)


def between(x, low, high):
    return z3.And(x >= low, x <= high)


def clamped(x, low, high):
    return z3.If(x < low, low, z3.If(x > high, high, x))


def bits_of(x, count):
    return z3.Extract(count - 1, 0, x)


def occurs(part, whole):
    seen, left = set(), [whole]
    while left:
        expression = left.pop()
        if expression.get_id() == part.get_id():
            return True
        if expression.get_id() not in seen:
            seen.add(expression.get_id())
            left += expression.children()
    return False


class Theorem:
    """What one source is asked: functions of a module, under assumptions, and claims about each path."""

    def __init__(self, module, exact):
        self.assumptions = []
        self.machine = Machine(module, self.assumptions, exact)
        self.questions = []
        self.split = None
        self.fixed = []

    def assume(self, *facts):
        self.assumptions += facts

    def claim(self, path, what, *claims):
        """On this path, what keeps it defined holds, and so do the claims."""
        self.questions.append((what, list(path.condition), list(path.duties) + list(claims)))

    def inside(self, path, *regions):
        """Every load lies within one of the regions (address, bytes)."""
        for place, count, condition in path.loads:
            fits = [z3.And(z3.UGE(place, start), z3.ULE(place + count, start + size)) for start, size in regions]
            self.questions.append(("reads only what is there", condition, [z3.Or(*fits)]))

    def node(self, operation, input_bits=None):
        """An open layer whose record says what the loader lets it say."""
        m = self.machine
        m.set(NODE, RECORD, 8)
        m.set(NODE + 8, DATA, 8)
        if input_bits:
            m.set(NODE + 20, input_bits, 4)
        bits, kind = m.load(at(RECORD + 2), 8), m.load(at(RECORD + 4), 8)
        zero, low, high = (wide(m.load(at(RECORD + k), 16)) for k in (12, 14, 16))
        m.set(RECORD, operation, 1)
        is_gate = operation == 4
        codes = bits if is_gate else z3.If(kind == 2, z3.BitVecVal(16, 8), bits)
        least = z3.If(codes == 8, wide(z3.BitVecVal(-128, 16)), wide(z3.BitVecVal(-32768, 16)))
        looked_up = z3.BitVecVal(input_bits, 8) if is_gate else bits
        self.assume(
            z3.Or(bits == 8, bits == 16), z3.ULE(kind, 2), z3.Implies(kind == 1, looked_up == 8),
            between(low, least, -least - 1), between(high, low, -least - 1),
            z3.If(codes == 8, between(zero, -128, 127), zero == 0),
        )  # fmt: skip
        if is_gate:
            self.assume(z3.Implies(kind == 2, looked_up == 16))
        return bits, kind, zero, low, high

    def factor(self, m, s):
        self.split = (s, range(1, 63))
        if self.machine.exact:
            # Whoever looks for one wrong input may look where products are shifts.
            self.fixed = [(m, z3.BitVecVal(1 << 30, 32))]
        self.assume(m >= 1 << 30, z3.UGE(s, 1), z3.ULE(s, 62))

    def multiplied(self, path, which, a, b):
        """The product that the path computes as its `which`th; its factors are claimed to be a and b."""
        first, second, product = path.factors[which]
        pairs = ((first, second), (second, first))
        self.claim(path, "the factors", z3.Or(*[z3.And(wide(x) == wide(a), wide(y) == wide(b)) for x, y in pairs]))
        return wide(product)

    def requantized(self, product, s):
        """The definition, in 128 bits, where nothing wraps."""
        s = z3.ZeroExt(128 - s.size(), s)
        return (product + (z3.BitVecVal(1, 128) << (s - 1))) >> s

    def entries(self, start, code):
        """The entries of a 16-bit table on both sides of a code, and how far it lies between them."""
        place = wide(code) + 32768
        entry = start + bits_of((place >> 7) * 2, 64)
        # 32,768 is a multiple of 128: the rest is that of the code.
        return *(wide(self.machine.load(a, 16)) for a in (entry, entry + 2)), z3.ZeroExt(121, bits_of(code, 7))

    def between_entries(self, path, which, start, code):
        low, high, part = self.entries(start, code)
        return low + ((self.multiplied(path, which, high - low, part) + 64) >> 7)

    def finished(self, path, which, sum_, m, s, node, table):
        """What nnq_finish() stores on this path, before it is cut to its bits; `which` as above."""
        bits, kind, zero, low, high = node
        code = clamped(zero + self.requantized(self.multiplied(path, which, sum_, m), s), low, high)
        first = wide(self.machine.load(table + bits_of(code, 64) + 128, 8))
        second = code
        if len(path.factors) > which + 1:
            second = self.between_entries(path, which + 1, table, code)
        narrow = clamped((second + 128) >> 8, z3.BitVecVal(-128, 128), z3.BitVecVal(127, 128))
        return z3.If(kind == 1, first, z3.If(kind == 2, z3.If(bits == 8, narrow, second), code))

    def stores(self, path, base, index, bits, wanted):
        """The one store of a path is of these bits, at this index, and its code fits them."""
        (address, value), = path.stores
        place = base + index * (value.size() // 8)
        return [address == place, bits == value.size(), wide(value) == wanted]

    def loop(self, name, arguments, assume=None):
        """The head of the one loop of a function, its variables, and what was computed before it."""
        entries = [p for p in self.machine.run(name, arguments) if p.end != "ret"]
        entry, = entries
        return entry

    def verdict(self):
        """unsat when all holds; sat and a model when not."""
        for what, conditions, claims in self.questions:
            # Each shift is a case of its own: with a number in its place, shifting is mere wiring.
            for case in self.cases(conditions + claims):
                solver = z3.SolverFor("QF_UFBV")
                solver.set("timeout", TIMEOUT_MS)
                solver.add(*[z3.simplify(case(fact)) for fact in [*self.assumptions, *self.machine.facts, *conditions]])
                solver.add(z3.simplify(case(z3.Not(z3.And(*claims)))))
                result = solver.check()
                if result != z3.unsat:
                    return result, what
        return z3.unsat, None

    def cases(self, expressions):
        part, numbers = self.split or (None, ())
        if part is None or not any(occurs(part, e) for e in expressions):
            return [lambda e: z3.substitute(e, *self.fixed)]
        return [lambda e, n=n: z3.substitute(e, *self.fixed, (part, z3.BitVecVal(n, part.size()))) for n in numbers]


# ---- the theorems ----


def requantize(t):
    """requantize is the definition for every x, m and s, and nothing overflows."""
    x, m, s = sym("x"), sym("m"), sym("s")
    t.factor(m, s)
    for path in t.machine.run("prove_requantize", [x, m, s]):
        t.claim(path, "the definition", wide(path.result) == t.requantized(t.multiplied(path, 0, x, m), s))


def factors(t):
    """The loader takes a multiplier and a shift exactly where requantize is defined."""
    s = sym("s")
    m = t.machine.load(at(MULTIPLIER), 32)
    for path in t.machine.run("nnq_check_factor", [at(MULTIPLIER), s]):
        taken = z3.And(m >= 1 << 30, z3.UGE(s, 1), z3.ULE(s, 62))
        t.claim(path, "the rule", (path.result == 0) == taken)
        t.inside(path, (MULTIPLIER, 4))


def saturate(t):
    """clamp gives the nearest number between the ends."""
    x, low, high = sym("x", 64), sym("low"), sym("high")
    t.assume(low <= high)
    for path in t.machine.run("prove_clamp", [x, low, high]):
        t.claim(path, "the nearest", wide(path.result) == clamped(wide(x), wide(low), wide(high)))


def scaled_code(t):
    """The code of a layer is the definition's, rounded once and clamped, for every product and shift."""
    product, s = sym("product", 64), sym("s")
    zero, low, high = (z3.SignExt(16, sym(name, 16)) for name in ("zero", "low", "high"))
    t.split = (s, range(1, 63))
    t.assume(between(product, -(1 << 62), 1 << 62), z3.UGE(s, 1), z3.ULE(s, 62), low <= high)
    for path in t.machine.run("prove_scaled_code", [product, s, zero, low, high]):
        wanted = clamped(wide(zero) + t.requantized(wide(product), s), wide(low), wide(high))
        t.claim(path, "the definition", wide(path.result) == wanted)


def table_index(t):
    """A 16-bit table is read at its 513 entries alone, and gives a value between two of them."""
    # Its low 7 bits are cases of their own: multiplying by a number is easy.
    block, part = sym("block", 9), sym("part", 7)
    code = z3.SignExt(16, z3.Concat(block, part))
    t.split = (part, range(128))
    low, high, left = t.entries(at(DATA), code)
    value = low + (((high - low) * left + 64) >> 7)
    t.machine.exact = True
    for path in t.machine.run("prove_table16", [at(DATA), code]):
        t.claim(
            path, "the definition", wide(path.result) == value,
            value >= z3.If(low < high, low, high), value <= z3.If(low < high, high, low),
        )  # fmt: skip
        t.inside(path, (DATA, 1026))


def finish(t):
    """From any sum to the code that is handed on, with both tables, whose index never leaves them."""
    total, s = sym("sum"), sym("s")
    node = t.node(1)
    m = t.machine.load(at(MULTIPLIER), 32)
    start = t.machine.load(at(NODE + 16), 32)
    t.factor(m, s)
    t.assume(z3.ULE(start, 1 << 26))
    table = at(DATA) + z3.ZeroExt(32, start)
    table_bytes = z3.If(node[1] == 1, at(256), at(1026))
    for path in t.machine.run("prove_finish", [at(NODE), at(Y), total, at(MULTIPLIER), s]):
        wanted = t.finished(path, 0, total, m, s, node, table)
        t.claim(path, "the definition", *t.stores(path, at(Y), at(0), node[0], wanted))
        t.inside(path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (MULTIPLIER, 4), (table, table_bytes))


def count(t):
    """A sensor count becomes its input code, whatever the count."""
    m = t.machine
    m.set(MODEL + 16, COUNTS, 8)
    n, bits = m.load(at(MODEL + 48), 16), m.load(at(MODEL + 53), 8)
    t.assume(z3.Or(bits == 8, bits == 16))
    for entry in m.run("nnq_quantize_counts", [at(MODEL), at(X), at(Y)]):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0, entry.result == 0)
            continue
        index, place = (next(k for k, v in entry.next.items() if z3.simplify(v).as_long() == w) for w in (0, COUNTS))
        i = sym("i", 64)
        p = at(COUNTS) + COUNT_BYTES * i
        low, high, offset = (wide(m.load(p + k, 32)) for k in (0, 4, 8))
        factor, shift, zero = m.load(p + 12, 32), m.load(p + 16, 8), wide(m.load(p + 18, 16))
        most = (1 << 31) - 1
        t.factor(factor, shift)
        t.assume(
            z3.ULT(i, z3.ZeroExt(48, n)), low <= high, offset - low <= most, high - offset <= most,
            z3.If(bits == 8, between(zero, -128, 127), zero == 0),
        )  # fmt: skip
        distance = bits_of(clamped(wide(m.load(at(X) + 4 * i, 32)), low, high) - offset, 32)
        end = z3.If(bits == 8, z3.BitVecVal(127, 128), z3.BitVecVal(32767, 128))
        for path in m.run("nnq_quantize_counts", [at(MODEL), at(X), at(Y)], entry.end, {index: i, place: p}, entry):
            scaled = t.requantized(t.multiplied(path, 0, distance, factor), shift)
            wanted = clamped(zero + scaled, -end - 1, end)
            t.claim(path, "the definition", *t.stores(path, at(Y), i, bits, wanted))
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == i + 1, path.next[place] == p + COUNT_BYTES)
            t.inside(path, (MODEL, 56), (at(COUNTS), COUNT_BYTES * z3.ZeroExt(48, n)), (at(X), 4 * z3.ZeroExt(48, n)))


def by_bits(state):
    """Eight steps of the reflected polynomial."""
    for _ in range(8):
        shifted = z3.LShR(state, 1)
        state = z3.If(z3.Extract(0, 0, state) == 1, shifted ^ 0x82F63B78, shifted)
    return state


def crc(t):
    """A byte changes the CRC as eight steps of the polynomial do."""
    state, n, i = sym("state"), sym("count"), sym("i", 64)
    arguments = [state, at(X), n]
    for entry in t.machine.run("nnq_crc32c", arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0, entry.result == state)
            continue
        index = next(k for k, v in entry.next.items() if v.size() == 64)
        other = next(k for k in entry.next if k != index)
        t.claim(entry, "the start", entry.next[index] == 0, entry.next[other] == state)
        t.assume(z3.ULT(i, z3.ZeroExt(32, n)))
        now = sym("now")
        wanted = by_bits(now ^ z3.ZeroExt(24, t.machine.load(at(X) + i, 8)))
        for path in t.machine.run("nnq_crc32c", arguments, entry.end, {index: i, other: now}, entry):
            if path.end == "ret":
                t.claim(path, "the end", i + 1 == z3.ZeroExt(32, n), path.result == wanted)
            else:
                t.claim(path, "eight steps", path.next[index] == i + 1, path.next[other] == wanted)
            t.inside(path, (at(X), z3.ZeroExt(32, n)))


def dot(t, name, weight_bits, code_bits):
    """A step adds one product. |sum| + M * (the weights still to come) <= 2^31 - 1 stays true."""
    total, n, i, now, rest = sym("sum"), sym("count"), sym("i", 64), sym("now"), sym("rest", 128)
    arguments = [total, at(ROW), at(X), n]
    size = lambda x: z3.If(x < 0, -x, x)
    code_bytes = code_bits // 8
    for entry in t.machine.run(name, arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0, entry.result == total)
            continue
        index = next(k for k, v in entry.next.items() if v.size() == 64)
        other = next(k for k in entry.next if k != index)
        t.claim(entry, "the start", entry.next[index] == 0, entry.next[other] == total)
        t.assume(z3.ULT(i, z3.ZeroExt(32, n)), z3.ULE(n, 65535))
        if weight_bits == 8:
            weight, row_bytes = wide(t.machine.load(at(ROW) + i, 8)), n
        else:
            both, row_bytes = t.machine.load(at(ROW) + z3.LShR(i, 1), 8), z3.LShR(n + 1, 1)
            weight = wide(z3.If(z3.Extract(0, 0, i) == 1, z3.Extract(7, 4, both), z3.Extract(3, 0, both)))
        code = wide(t.machine.load(at(X) + i * code_bytes, code_bits))
        most = (1 << 31) - 1
        left = size(weight) << (code_bits - 1)
        t.assume(between(rest, 0, most), size(wide(now)) + left + rest <= most)
        for path in t.machine.run(name, arguments, entry.end, {index: i, other: now}, entry):
            product = t.multiplied(path, 0, weight, code)
            found = wide(path.result if path.end == "ret" else path.next[other])
            t.claim(path, "one product", found == wide(now) + product, size(found) + rest <= most)
            if path.end == "ret":
                t.claim(path, "the end", i + 1 == z3.ZeroExt(32, n))
            else:
                t.claim(path, "the next", path.next[index] == i + 1)
            t.inside(path, (at(ROW), z3.ZeroExt(32, row_bytes)), (at(X), code_bytes * z3.ZeroExt(32, n)))


def dense_8x8(t):
    """8-bit weights and codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "prove_dot8", 8, 8)


def dense_8x16(t):
    """8-bit weights, 16-bit codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "prove_dot16", 8, 16)


def dense_4x8(t):
    """4-bit weights, 8-bit codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "prove_dot4_narrow", 4, 8)


def dense_4x16(t):
    """4-bit weights, 16-bit codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "prove_dot4_wide", 4, 16)


def accumulator_bound(t):
    """The loader takes a row only where |bias| + M * sum |weight| <= 2^31 - 1."""
    m = t.machine
    m.set(NODE, RECORD, 8)
    n, width, bits = m.load(at(RECORD + 8), 16), m.load(at(RECORD + 1), 8), m.load(at(NODE + 20), 32)
    bias, i, magnitude = sym("bias"), sym("i", 64), sym("magnitude")
    t.assume(n != 0, z3.Or(width == 4, width == 8), z3.Or(bits == 8, bits == 16))
    t.assume(between(bias, -(1 << 30), 1 << 30))
    arguments = [at(NODE), at(ROW), bias]
    length = z3.ZeroExt(48, n)
    row_bytes = z3.If(width == 4, z3.LShR(length + 1, 1), length)
    size = lambda x: z3.If(x < 0, -x, x)
    most = (1 << 31) - 1
    for entry in m.run("prove_check_row", arguments):
        if entry.end == "ret":
            t.claim(entry, "a row has inputs", z3.BoolVal(False))
            continue
        index = next(k for k, v in entry.next.items() if v.size() == 64)
        other = next(k for k in entry.next if k != index)
        t.claim(entry, "the start", entry.next[index] == 0, entry.next[other] == 0)
        # By induction: 127 each at most.
        t.assume(z3.ULT(i, length), between(wide(magnitude), 0, wide(i) * 127))
        both = m.load(at(ROW) + z3.LShR(i, 1), 8)
        nibble = z3.If(z3.Extract(0, 0, i) == 1, z3.Extract(7, 4, both), z3.Extract(3, 0, both))
        weight = z3.If(width == 4, wide(nibble), wide(m.load(at(ROW) + i, 8)))
        total = wide(magnitude) + size(weight)
        bound = size(wide(bias)) + (total << z3.If(bits == 8, z3.BitVecVal(7, 128), z3.BitVecVal(15, 128)))
        forbidden = weight == z3.If(width == 4, z3.BitVecVal(-8, 128), z3.BitVecVal(-128, 128))
        for path in m.run("prove_check_row", arguments, entry.end, {index: i, other: magnitude}, entry):
            if path.end == "ret":
                t.claim(
                    path, "the bound", z3.Implies(path.result == 0, z3.And(i + 1 == length, bound <= most, z3.Not(forbidden))),
                    z3.Implies(path.result == 59, bound > most), (path.result == 58) == forbidden,
                )  # fmt: skip
            else:
                t.claim(
                    path, "one weight", path.next[index] == i + 1, wide(path.next[other]) == total,
                    z3.Not(forbidden), total <= 127 * (wide(i) + 1),
                )  # fmt: skip
            t.inside(path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (at(ROW), row_bytes))


def code_at(t, base, bits, index):
    return wide(t.machine.load(base + index * (bits // 8), bits))


def add(t, bits=(8, 8)):
    """A step adds two codes with their gains, and nothing overflows."""
    m = t.machine
    node = t.node(3, bits[0])
    m.set(KEPT, KEPT_CODES, 8)
    m.set(KEPT + 8, bits[1], 4)
    start, n = m.load(at(NODE + 16), 32), m.load(at(RECORD + 10), 16)
    m.set(NODE + 16, 16, 4)
    bias, factor, shift = wide(m.load(at(DATA), 32)), m.load(at(DATA + 4), 32), m.load(at(DATA + 8), 8)
    gains = [m.load(at(DATA + 12), 16), m.load(at(DATA + 14), 16)]
    t.factor(factor, shift)
    t.assume(between(bias, 1 - (1 << 30), (1 << 30) - 1), *[between(g, -16384, 16384) for g in gains])
    arguments = [at(NODE), at(X), at(KEPT), at(Y)]
    for entry in m.run("nnq_add_run", arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0)
            continue
        index, = entry.next
        k = sym("k")
        length = z3.ZeroExt(16, n)
        t.assume(z3.ULT(k, length))
        t.claim(entry, "the start", entry.next[index] == 0)
        i = z3.ZeroExt(32, z3.If(z3.UGT(node[0], bits[1]), length - 1 - k, k))
        parts = [code_at(t, at(X), bits[0], i), code_at(t, at(KEPT_CODES), bits[1], i)]
        table_bytes = z3.If(node[1] == 1, at(256), at(1026))
        for path in m.run("nnq_add_run", arguments, entry.end, {index: k}, entry):
            exact = bias
            for which in (0, 1):
                exact = exact + t.multiplied(path, which, gains[which], parts[which])
            total = bits_of(exact, 32)
            wanted = t.finished(path, 2, total, factor, shift, node, at(DATA + 16))
            t.claim(path, "the definition", wide(total) == exact, *t.stores(path, at(Y), i, node[0], wanted))
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == k + 1)
            t.inside(
                path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, 16), (KEPT, 16), (DATA + 16, table_bytes),
                (X, z3.ZeroExt(48, n) * (bits[0] // 8)), (KEPT_CODES, z3.ZeroExt(48, n) * (bits[1] // 8)),
            )  # fmt: skip


def add_16(t):
    """The same with 16-bit codes on both sides."""
    add(t, (16, 16))


def add_mixed(t):
    """The same with an 8-bit and a 16-bit tensor."""
    add(t, (8, 16))


def gate(t, bits=8):
    """A step is the product of two codes, the first through its table, and nothing overflows."""
    m = t.machine
    node = t.node(4, bits)
    n = m.load(at(RECORD + 10), 16)
    m.set(NODE + 16, 12, 4)
    factor, shift = m.load(at(DATA), 32), m.load(at(DATA + 4), 8)
    zeros = [wide(m.load(at(DATA + 8), 16)), wide(m.load(at(DATA + 10), 16))]
    t.factor(factor, shift)
    t.assume(*[between(z, -128, 127) if bits == 8 else z == 0 for z in zeros])
    arguments = [at(NODE), at(X), at(Y)]
    for entry in m.run("nnq_gate_run", arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0)
            continue
        index, = entry.next
        i, length = sym("i", 64), z3.ZeroExt(48, n)
        t.assume(z3.ULT(i, length))
        t.claim(entry, "the start", entry.next[index] == 0)
        first, second = code_at(t, at(X), bits, i), code_at(t, at(X), bits, length + i)
        by_code = wide(m.load(at(DATA + 12) + bits_of(first, 64) + 128, 8))
        table_bytes = z3.If(node[1] == 1, at(256), at(1026))
        for path in m.run("nnq_gate_run", arguments, entry.end, {index: i}, entry):
            value = first
            if len(path.factors) > 2:
                value = t.between_entries(path, 0, at(DATA + 12), first)
            looked_up = z3.If(node[1] == 1, by_code, z3.If(node[1] == 2, value, first))
            product = t.multiplied(path, -2, looked_up - zeros[0], second - zeros[1])
            scaled = t.requantized(t.multiplied(path, -1, bits_of(product, 32), factor), shift)
            bits_out, _, zero, low, high = node
            wanted = clamped(zero + scaled, low, high)
            fits = wide(bits_of(product, 32)) == product
            t.claim(path, "the definition", fits, *t.stores(path, at(Y), i, bits_out, wanted))
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == i + 1)
            t.inside(
                path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, 12), (DATA + 12, table_bytes),
                (X, 2 * length * (bits // 8)),
            )  # fmt: skip


def gate_16(t):
    """The same with 16-bit codes."""
    gate(t, 16)


THEOREMS = [
    requantize, factors, saturate, scaled_code, count, crc, dense_8x8, dense_8x16, dense_4x8, dense_4x16, accumulator_bound,
]  # fmt: skip

# Stated, and not proved so far: Z3 gives up on them, or they are stated wrongly. Run when named.
OPEN = [table_index, finish, add, add_16, add_mixed, gate, gate_16]


def compile_sources(folder, *more):
    command = ["clang", *FLAGS, *more, f"-I{folder}/include", "-o", "-", f"{folder}/proofs/steps.c"]
    return Module(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def examine(theorem, module, exact=False):
    t = Theorem(module, exact)
    theorem(t)
    return (*t.verdict(), len(t.questions))


def prove(names):
    module = compile_sources(os.path.dirname(HERE))
    failed = False
    for theorem in [t for t in THEOREMS + OPEN if t.__name__ in names] if names else THEOREMS:
        start = time.monotonic()
        result, what, questions = examine(theorem, module)
        mark = "proved" if result == z3.unsat else f"NOT PROVED ({result}: {what})"
        failed |= result != z3.unsat
        seconds = time.monotonic() - start
        print(f"{theorem.__name__}: {mark}: {theorem.__doc__} [{questions} questions, {seconds:.1f} s]", flush=True)
    return failed


def refute(names):
    """Each wrong source must have an input that shows it, with products computed, not supposed."""
    theorems = {theorem.__name__: theorem for theorem in THEOREMS + OPEN}
    refuted, tried, start = 0, 0, time.monotonic()
    for file, old, new, name in MUTANTS:
        if names and name not in names:
            continue
        tried += 1
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
            try:
                result, what, _ = examine(theorems[name], compile_sources(folder), exact=True)
            except ValueError:  # a path without the products or the store that the theorem speaks of
                result, what = z3.sat, "the shape of the step"
        if result == z3.sat:
            refuted += 1
        else:
            print(f"not refuted ({result}): {file}: {new}", flush=True)
    print(f"{refuted} of {tried} wrong sources refuted [{time.monotonic() - start:.1f} s]")
    return refuted != tried


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--mutants"]:
        sys.exit(refute(arguments[1:]))
    sys.exit(prove(arguments))
