# SPDX-License-Identifier: Apache-2.0
"""The theorems about the scalar kernels: each loop's step, and what it starts from."""
import z3

from contracts import at, between, bits_of, sym, wide
from theorem import DATA, KEPT, KEPT_CODES, NODE, NODE_BYTES, RECORD, RECORD_BYTES, ROW, X, Y


def dot(t, name, weight_bits, code_bits):
    """A step adds one product. |sum| + M * (the weights still to come) <= 2^31 - 1 stays true."""
    total, n, i, now, rest = sym("sum"), sym("count"), sym("i", 64), sym("now"), sym("rest", 128)
    arguments = [total, at(ROW), at(X), *([z3.BitVecVal(code_bits, 32)] if weight_bits == 4 else []), n]
    size = lambda x: z3.If(x < 0, -x, x)
    code_bytes = code_bits // 8
    for entry in t.machine.run(name, arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0, entry.result == total)
            continue
        index, other = t.counted_loop(entry, total)
        t.assume(z3.ULE(n, 65535))
        if weight_bits == 8:
            weight, row_bytes = wide(t.machine.load(at(ROW) + i, 8)), n
        else:
            both, row_bytes = t.machine.load(at(ROW) + z3.LShR(i, 1), 8), z3.LShR(n + 1, 1)
            weight = wide(z3.If(z3.Extract(0, 0, i) == 1, z3.Extract(7, 4, both), z3.Extract(3, 0, both)))
        code = wide(t.machine.load(at(X) + i * code_bytes, code_bits))
        most = (1 << 31) - 1
        left = size(weight) << (code_bits - 1)
        t.assume(between(rest, 0, most), size(wide(now)) + left + rest <= most)
        for path in t.machine.run(name, arguments, entry.end, {index: i, other: now}, entry, [z3.ULT(i, z3.ZeroExt(32, n))]):
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
    dot(t, "dot8", 8, 8)


def dense_8x16(t):
    """8-bit weights, 16-bit codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "dot16", 8, 16)


def dense_4x8(t):
    """4-bit weights, 8-bit codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "dot4", 4, 8)


def dense_4x16(t):
    """4-bit weights, 16-bit codes: a step adds one product; by induction no sum leaves 32 bits."""
    dot(t, "dot4", 4, 16)


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
    for entry in m.run("check_row", arguments):
        if entry.end == "ret":
            t.never(entry, "a row has inputs")
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
        for path in m.run("check_row", arguments, entry.end, {index: i, other: magnitude}, entry):
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


def dense(t):
    """A row goes from its bias over its products to its code, with its own weights and factor."""
    m = t.machine
    t.node(1)
    width, bits = m.load(at(RECORD + 1), 8), m.load(at(NODE + 20), 32)
    inputs, outputs = (z3.ZeroExt(48, m.load(at(RECORD + k), 16)) for k in (8, 10))
    t.assume(z3.Or(width == 4, width == 8))
    multipliers = at(DATA) + 4 * outputs
    shifts = multipliers + 4 * outputs
    weights = shifts + (outputs + 3 & ~3)
    o, row = sym("o", 64), sym("row", 64)
    arguments = [at(NODE), at(X), at(Y)]
    for entry in m.run("nnq_dense_run", arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", outputs == 0)
            continue
        index = next(k for k, v in entry.next.items() if z3.simplify(v).eq(at(0)))
        place = next(k for k in entry.next if k != index)
        t.claim(entry, "the start", entry.next[place] == weights)
        bias, factor, shift = m.load(at(DATA) + 4 * o, 32), multipliers + 4 * o, m.load(shifts + o, 8)
        t.factor(m.load(factor, 32), shift)
        n = bits_of(inputs, 32)
        sums = [t.contracts.result(name, bias, row, at(X), *more, n) for name, more in (("dot4", [bits]), ("dot8", []), ("dot16", []))]
        total = z3.If(width == 4, sums[0], z3.If(bits == 8, sums[1], sums[2]))
        row_bytes = z3.If(width == 4, z3.LShR(inputs + 1, 1), inputs)
        for path in m.run("nnq_dense_run", arguments, entry.end, {index: o, place: row}, entry, [z3.ULT(o, outputs)]):
            t.claim(
                path, "the definition",
                *t.calls(path, "nnq_finish", at(NODE), at(Y), bits_of(o, 32), total, factor, z3.ZeroExt(24, shift)),
            )  # fmt: skip
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == o + 1, path.next[place] == row + row_bytes)
            else:
                t.claim(path, "the end", o + 1 == outputs)
            t.inside(path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, 9 * outputs))


def add(t):
    """A step adds two codes with their gains, of any widths, in the place of the kept one too."""
    m = t.machine
    bits, *_ = t.node(3)
    m.set(KEPT, KEPT_CODES, 8)
    input_bits, kept_bits = m.load(at(NODE + 20), 32), m.load(at(KEPT + 8), 32)
    n = m.load(at(RECORD + 10), 16)
    bias, factor, shift = wide(m.load(at(DATA), 32)), m.load(at(DATA + 4), 32), m.load(at(DATA + 8), 8)
    gains = [m.load(at(DATA + 12), 16), m.load(at(DATA + 14), 16)]
    t.factor(factor, shift)
    t.assume(
        z3.Or(kept_bits == 8, kept_bits == 16), between(bias, 1 - (1 << 30), (1 << 30) - 1),
        *[between(g, -16384, 16384) for g in gains],
    )  # fmt: skip
    arguments = [at(NODE), at(X), at(KEPT), at(Y)]
    length = z3.ZeroExt(16, n)
    k, later = sym("k"), sym("later")
    is_backward = z3.UGT(z3.ZeroExt(24, bits), kept_bits)
    i, other = (z3.ZeroExt(32, z3.If(is_backward, length - 1 - j, j)) for j in (k, later))
    # When y starts where the kept tensor does: bytes of both.
    stored, read = (z3.If(b == 8, at(1), at(2)) for b in (z3.ZeroExt(24, bits), kept_bits))
    apart = z3.Or(z3.ULE((i + 1) * stored, other * read), z3.ULE((other + 1) * read, i * stored))
    for entry in m.run("nnq_add_run", arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0)
            continue
        index, = entry.next
        t.claim(entry, "the start", entry.next[index] == 0)
        t.claim(entry, "nothing is lost", z3.Implies(z3.And(z3.UGT(later, k), z3.ULT(later, length)), apart))
        parts = [t.code_at(at(X), input_bits, i), t.code_at(at(KEPT_CODES), kept_bits, i)]
        for path in m.run("nnq_add_run", arguments, entry.end, {index: k}, entry, [z3.ULT(k, length)]):
            exact = bias
            for which in (0, 1):
                exact = exact + t.multiplied(path, which, gains[which], parts[which])
            total = bits_of(exact, 32)
            t.claim(
                path, "the definition", wide(total) == exact,
                *t.calls(path, "nnq_finish", at(NODE), at(Y), bits_of(i, 32), total, at(DATA + 4), z3.ZeroExt(24, shift)),
            )  # fmt: skip
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == k + 1)
            else:
                t.claim(path, "the end", k + 1 == length)
            codes = [z3.ZeroExt(48, n) * z3.If(b == 8, at(1), at(2)) for b in (input_bits, kept_bits)]
            t.inside(path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, 16), (KEPT, 16), (X, codes[0]), (KEPT_CODES, codes[1]))


def gate(t):
    """A step is the product of two codes of any width, the first through its table."""
    m = t.machine
    bits, kind, zero, low, high = t.node(4)
    input_bits, n = m.load(at(NODE + 20), 32), m.load(at(RECORD + 10), 16)
    m.set(NODE + 16, 12, 4)
    factor, shift = m.load(at(DATA), 32), m.load(at(DATA + 4), 8)
    zeros = [wide(m.load(at(DATA + 8), 16)), wide(m.load(at(DATA + 10), 16))]
    t.factor(factor, shift)
    t.assume(*[z3.If(input_bits == 8, between(z, -128, 127), z == 0) for z in zeros])
    arguments = [at(NODE), at(X), at(Y)]
    for entry in m.run("nnq_gate_run", arguments):
        if entry.end == "ret":
            t.claim(entry, "nothing to do", n == 0)
            continue
        index, = entry.next
        i, length = sym("i", 64), z3.ZeroExt(48, n)
        t.claim(entry, "the start", entry.next[index] == 0)
        first, second = t.code_at(at(X), input_bits, i), t.code_at(at(X), input_bits, length + i)
        by_code = wide(m.load(at(DATA + 12) + wide(first, 64) + 128, 8), 32)
        between_entries = t.contracts.table16(at(DATA + 12), first)
        looked_up = z3.If(kind == 1, by_code, z3.If(kind == 2, between_entries, first))
        table_bytes = z3.If(kind == 1, at(256), at(1026))
        for path in m.run("nnq_gate_run", arguments, entry.end, {index: i}, entry, [z3.ULT(i, length)]):
            exact = t.multiplied(path, 0, wide(looked_up) - zeros[0], wide(second) - zeros[1])
            total = bits_of(exact, 32)
            scaled = t.contracts.scaled_code(t.contracts.product(total, factor), z3.ZeroExt(24, shift), zero, low, high)
            t.claim(path, "the definition", wide(total) == exact, *t.stores(path, at(Y), i, bits, scaled))
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == i + 1)
            else:
                t.claim(path, "the end", i + 1 == length)
            t.inside(
                path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, 12), (DATA + 12, table_bytes),
                (X, 2 * length * z3.If(input_bits == 8, at(1), at(2))),
            )  # fmt: skip
