# SPDX-License-Identifier: Apache-2.0
"""The theorems about the functions that every kernel calls."""
import z3

from contracts import LARGEST_SUM, INT_16, at, between, bits_of, clamped, entries, rounded, sym, wide
from theorem import COUNT_BYTES, COUNTS, DATA, MODEL, MULTIPLIER, NODE, NODE_BYTES, RECORD, RECORD_BYTES, X, Y


def requantize(t):
    """requantize is the definition for every x, m and s, and nothing overflows."""
    x, m, s = sym("x"), sym("m"), sym("s")
    t.factor(m, s)
    t.split = (s, range(1, 63))
    for path in t.machine.run("nnq_requantize", [x, m, s]):
        value = wide(path.result)
        t.claim(
            path, "the definition", value == rounded(t.multiplied(path, 0, x, m), s),
            between(value, -LARGEST_SUM, LARGEST_SUM),
        )  # fmt: skip


def product(t):
    """The 64-bit product of two numbers is theirs, and at most 2^62 in size."""
    x, m = sym("x"), sym("m")
    for path in t.machine.run("nnq_product", [x, m]):
        value = t.multiplied(path, 0, x, m)
        t.claim(path, "the product", wide(path.result) == value, between(value, -LARGEST_SUM, LARGEST_SUM))
    a, b, most = z3.Ints("a b most")
    t.lemma("a product is at most the one size times the limit of the other",
            [a >= -most, a <= most, b >= 0], a * b <= most * b, a * b >= -most * b)  # fmt: skip


def product_halves(t):
    """The same from halves, as a Cortex-M0 computes it, where the multiplier is not negative."""
    x, m = sym("x"), sym("m")
    t.assume(m >= 0)
    a, b, h, n = x >> 16, x & 0xFFFF, m >> 16, m & 0xFFFF
    t.lemma("a product is the sum of those of the halves", [],
            *(lambda a, b, h, n: [(a * 2**16 + b) * (h * 2**16 + n) == a * h * 2**32 + (a * n + b * h) * 2**16 + b * n])(
                *z3.Ints("a b h n")))  # fmt: skip
    for path in t.machine.run("nnq_product", [x, m]):
        parts = [(a, n), (b, n), (b, h), (a, h), (x, m)]
        an, bn, bh, ah, value = (t.multiplied(path, which, *pair) for which, pair in enumerate(parts))
        if not t.machine.exact:
            t.assume(value == (ah << 32) + (an + bh << 16) + bn)  # the lemma
        t.claim(path, "the product", wide(path.result) == value)


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
    for path in t.machine.run("nnq_clamp", [x, low, high]):
        t.claim(path, "the nearest", wide(path.result) == clamped(wide(x), wide(low), wide(high)))


def scaled_code(t):
    """The code of a layer is the definition's, rounded once and clamped, for every product and shift."""
    product, s, half = sym("product", 64), sym("s"), sym("half", 64)
    zero, low, high = (z3.SignExt(16, sym(name, 16)) for name in ("zero", "low", "high"))
    t.split = (s, range(1, 63))
    t.assume(between(product, -LARGEST_SUM, LARGEST_SUM), z3.UGE(s, 1), z3.ULE(s, 62), low <= high)
    for path in t.machine.run("nnq_scaled_code", [product, s, zero, low, high]):
        shifted = t.call(path, "nnq_asr64")[1]
        # floor((product + 2^(s-1)) / 2^s) from the floor of product / 2^(s-1): what comes after is one case.
        t.claim(
            path, "the shift", *t.calls(path, "nnq_asr64", product, s - 1), between(shifted, -LARGEST_SUM, LARGEST_SUM),
            rounded(wide(product), s) == (wide(shifted) + 1) >> 1,
        )  # fmt: skip
        t.assume(between(half, -LARGEST_SUM, LARGEST_SUM))
        path.duties = []  # claimed above
        result = z3.substitute(path.result, (shifted, half))
        wanted = clamped(wide(zero) + ((wide(half) + 1) >> 1), wide(low), wide(high))
        t.claim(path, "the definition", wide(result) == wanted, between(result, low, high))


def shift_right(t):
    """A shift to the right rounds toward minus infinity."""
    x, s, power = sym("x", 64), sym("s"), z3.BitVecVal(1, 128)
    t.split = (s, range(64))
    t.assume(z3.ULT(s, 64))
    for path in t.machine.run("nnq_asr64", [x, s]):
        rest = wide(x) - (wide(path.result) << z3.ZeroExt(96, s))
        t.claim(path, "the floor", rest >= 0, rest < power << z3.ZeroExt(96, s))


def table_index(t):
    """A 16-bit table is read at its 513 entries alone, and gives a value between two of them."""
    code = z3.SignExt(16, sym("code", 16))
    low, high, part = entries(t.machine, at(DATA), code)
    for path in t.machine.run("nnq_table16", [at(DATA), code]):
        value = low + ((t.multiplied(path, 0, high - low, part) + 64) >> 7)
        t.claim(
            path, "the definition", wide(path.result) == value, between(value, *INT_16),
            value >= z3.If(low < high, low, high), value <= z3.If(low < high, high, low),
        )  # fmt: skip
        t.inside(path, (DATA, 1026))


def finish(t):
    """From any sum to the code that is handed on, with both tables, whose index never leaves them."""
    total, s, o = sym("sum"), sym("s"), sym("output")
    node = t.node(1)
    m = t.machine.load(at(MULTIPLIER), 32)
    start = t.machine.load(at(NODE + 16), 32)
    t.factor(m, s)
    t.assume(z3.ULE(start, 1 << 26), z3.ULT(o, 1 << 16))
    table = at(DATA) + z3.ZeroExt(32, start)
    table_bytes = z3.If(node[1] == 1, at(256), at(1026))
    wanted = t.finished(total, m, s, node, table)
    for path in t.machine.run("nnq_finish", [at(NODE), at(Y), o, total, at(MULTIPLIER), s]):
        t.claim(path, "the definition", *t.stores(path, at(Y), z3.ZeroExt(32, o), node[0], wanted))
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
            low <= high, offset - low <= most, high - offset <= most,
            z3.If(bits == 8, between(zero, -128, 127), zero == 0),
        )  # fmt: skip
        distance = clamped(wide(m.load(at(X) + 4 * i, 32)), low, high) - offset
        end = z3.If(bits == 8, z3.BitVecVal(127, 128), z3.BitVecVal(32767, 128))
        scaled = wide(t.contracts.requantized(bits_of(distance, 32), factor, z3.ZeroExt(24, shift)))
        wanted = clamped(zero + scaled, -end - 1, end)
        for path in m.run("nnq_quantize_counts", [at(MODEL), at(X), at(Y)], entry.end, {index: i, place: p}, entry, [z3.ULT(i, z3.ZeroExt(48, n))]):
            fits = wide(bits_of(distance, 32)) == distance
            t.claim(path, "the definition", fits, *t.stores(path, at(Y), i, bits, wanted))
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
        index, other = t.counted_loop(entry, state)
        now = sym("now")
        wanted = by_bits(now ^ z3.ZeroExt(24, t.machine.load(at(X) + i, 8)))
        for path in t.machine.run("nnq_crc32c", arguments, entry.end, {index: i, other: now}, entry, [z3.ULT(i, z3.ZeroExt(32, n))]):
            if path.end == "ret":
                t.claim(path, "the end", i + 1 == z3.ZeroExt(32, n), path.result == wanted)
            else:
                t.claim(path, "eight steps", path.next[index] == i + 1, path.next[other] == wanted)
            t.inside(path, (at(X), z3.ZeroExt(32, n)))
