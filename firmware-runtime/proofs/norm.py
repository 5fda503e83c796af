# SPDX-License-Identifier: Apache-2.0
"""The theorems about layer norm: each loop's step, each closing formula, and what bounds them."""
import z3

from contracts import at, between, bits_of, sym, wide
from ir import STACK
from theorem import DATA, NODE, NODE_BYTES, RECORD, RECORD_BYTES, STATISTICS, X, Y, occurs

MOST_INPUTS = 65535
# What lies where among the statistics.
SUM, SPREAD, DOUBLINGS, ROOT, STATISTICS_BYTES = 0, 8, 16, 20, 24


def size(x):
    return z3.If(x < 0, -x, x)


def layer(t):
    """A layer norm's input bits and its inputs, as the loader takes them, in 64 bits."""
    t.node(2)
    n, outputs = (t.machine.load(at(RECORD + k), 16) for k in (8, 10))
    t.assume(n == outputs, z3.UGE(n, 2))
    return t.machine.load(at(NODE + 20), 32), z3.ZeroExt(48, n)


def parts(n):
    """Where the multipliers, the shifts, the gains and epsilon lie."""
    padded = n + 3 & ~3
    multipliers = at(DATA) + 4 * n
    shifts = multipliers + 4 * n
    return multipliers, shifts, shifts + padded, shifts + 2 * padded


class Measure:
    """measure() with its two loops: the entry, the first loop's variables and steps, and its ends."""

    def __init__(self, t):
        self.t = t
        self.bits, self.n = layer(t)
        self.arguments = [at(NODE), at(X), at(STATISTICS)]
        self.entry, = [p for p in self.run() if not p.calls]
        symbols = {k: sym("at" + k[1:], 64) for k in self.entry.next}
        step = next(p for p in self.run(self.entry.end, symbols, self.entry) if p.end == self.entry.end)
        added = {k: z3.simplify(step.next[k] - symbols[k]) for k in symbols}
        self.index, = [k for k, v in added.items() if v.eq(at(1))]
        self.squares, = [k for k in added if occurs(step.factors[0][2], step.next[k])]
        self.sum, = [k for k in symbols if k not in (self.index, self.squares)]

    def run(self, *more, **named):
        return self.t.machine.run("measure", self.arguments, *more, **named)

    def steps(self, i, total, squares):
        return self.run(self.entry.end, {self.index: i, self.sum: total, self.squares: squares}, self.entry)

    def end(self, path, spread):
        """From the end of the first loop through the second, which numbers alone end, to the stores."""
        place, = [k for k, v in path.next.items() if v.size() == 64]
        symbols = {k: z3.simplify(v) for k, v in path.next.items()} | {place: spread}
        last, = self.run(path.end, symbols, path, through=True)
        last.condition = path.condition + last.condition
        return path.next[place], last


def norm_sums(t):
    """A step adds a code and its square; by induction the sums stay below 2^31 and 2^46."""
    measure = Measure(t)
    i, now, squares = sym("i", 64), sym("now", 64), sym("squares", 64)
    t.claim(measure.entry, "the start", *[v == 0 for v in measure.entry.next.values()])
    t.assume(z3.ULT(i, measure.n), between(now, -(i << 15), i << 15), between(squares, 0, i << 30))
    code = t.code_at(at(X), measure.bits, i)
    for path in measure.steps(i, now, squares):
        square = t.multiplied(path, 0, code, code)
        if path.end == measure.entry.end:
            total, of_squares = path.next[measure.sum], path.next[measure.squares]
            t.claim(path, "the next", path.next[measure.index] == i + 1)
        else:
            last = measure.end(path, sym("spread", 64))[1]
            (address, total), = [(a, v) for a, v in last.stores if z3.simplify(a).eq(at(STATISTICS + SUM))]
            of_squares = t.call(path, "scaled_by")[0][1]
            t.claim(path, "the end", i + 1 == measure.n)
        t.claim(
            path, "the sums", wide(total) == wide(now) + wide(code), between(total, -(i + 1 << 15), i + 1 << 15),
            wide(of_squares) == wide(squares) + square, between(of_squares, 0, i + 1 << 30),
        )  # fmt: skip
        t.inside(
            path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, parts(measure.n)[3] + 8 - DATA),
            (X, measure.n * z3.If(measure.bits == 8, at(1), at(2))),
        )  # fmt: skip


def norm_spread(t):
    """n * sum x^2 - (sum x)^2 + epsilon is in 1 ... 2^63 - 1, and is doubled as the definition says."""
    measure = Measure(t)
    i, now, squares, spread = (sym(name, 64) for name in ("i", "now", "squares", "spread"))
    t.assume(i == measure.n - 1, between(now, -(i << 15), i << 15), between(squares, 0, i << 30))
    epsilon = t.machine.load(parts(measure.n)[3], 64)
    t.assume(between(epsilon, 1, (1 << 62) - 1))
    t.assume(spread >= 1)
    n, a, b, x = z3.Ints("n a b x")
    t.lemma("n * sum x^2 >= (sum x)^2, by induction",
            [n >= 1, b >= 0, n * b >= a * a], (n + 1) * (b + x * x) >= (a + x) * (a + x))  # fmt: skip
    t.lemma("n * sum x^2 - (sum x)^2 < 2^62",
            [n >= 1, n <= MOST_INPUTS, b >= 0, b <= n * 2**30, n * b >= a * a],
            n * b - a * a >= 0, n * b - a * a < 2**62)  # fmt: skip
    for path in measure.steps(i, now, squares):
        if path.end == measure.entry.end:
            continue
        (m, of_squares), scaled = t.call(path, "scaled_by")
        (first, second), square = t.call(path, "nnq_product")
        before, last = measure.end(path, spread)
        total = last.stores[0][1]
        t.assume(between(scaled - square, 0, (1 << 62) - 1))  # the lemmas
        t.claim(
            path, "the definition", wide(m) == wide(bits_of(measure.n, 32)), first == second,
            wide(first) == size(wide(total)), before == scaled - square + epsilon, before >= 1,
        )  # fmt: skip
        wanted = {STATISTICS + SUM: 64, STATISTICS + SPREAD: 64, STATISTICS + DOUBLINGS: 32}
        stored = {z3.simplify(address).as_long(): value for address, value in last.stores}
        doubled, times = stored[STATISTICS + SPREAD], z3.ZeroExt(96, stored[STATISTICS + DOUBLINGS])
        exact = wide(spread) << 2 * times
        t.claim(
            last, "the doublings", *[z3.BoolVal({a: v.size() for a, v in stored.items()} == wanted)],
            times <= 30, wide(doubled) == exact, exact >= 1 << 60,
            z3.Or(times == 0, wide(spread) << 2 * (times - 1) < 1 << 60),
        )  # fmt: skip


def norm_scaled(t):
    """n * x from products of 32 bits, for n of 16 bits and x of 46."""
    n, x = sym("n"), sym("x", 64)
    t.assume(z3.ULT(n, 1 << 16), z3.ULT(x, 1 << 46))
    of = [z3.Extract(63, 32, x), *[z3.ZeroExt(16, z3.Extract(k + 15, k, x)) for k in (16, 0)]]
    for path in t.machine.run("scaled_by", [n, x]):
        products = [t.multiplied(path, which, z3.ZeroExt(96, n), z3.ZeroExt(96, part)) for which, part in enumerate(of)]
        exact = sum(product << shift for product, shift in zip(products, (32, 16, 0), strict=True))
        t.claim(path, "the product", wide(path.result) == exact)
    a, u, h, l = z3.Ints("a u h l")
    t.lemma("a product is the sum of those of the parts", [],
            a * (u * 2**32 + h * 2**16 + l) == a * u * 2**32 + a * h * 2**16 + a * l)  # fmt: skip


def norm_root(t):
    """The root is the largest number whose square is not above x: 32 steps of a bit each."""
    x = sym("x", 64)
    t.assume(x >= 0)
    entry, = t.machine.run("square_root", [x])
    of = {z3.simplify(v).sexpr(): k for k, v in entry.next.items()}
    rest, root, bit = (of[v.sexpr()] for v in (x, at(0), at(1 << 62)))
    now, found = sym("rest", 64), sym("found", 128)
    whole, r, n, f, four = z3.Ints("whole r n f four")
    t.lemma(
        "x is the square of what was found, and the rest: a step keeps it so",
        [whole == n + r * r * 4 * four, z3.Or(f == 0, f == 1)],
        whole == n - f * (4 * r + 1) * four + (2 * r + f) * (2 * r + f) * four,
    )  # fmt: skip
    t.claim(entry, "the start", z3.ULT(wide(x), z3.BitVecVal(1, 128) << 64))
    for k in range(31, -1, -1):
        four = 2 * k
        step = {rest: now, root: bits_of(found << four + 2, 64), bit: at(1 << four)}
        for path in t.machine.run("square_root", [x], entry.end, step, entry):
            given = [
                now >= 0, found >= 0, found < 1 << (31 - k), wide(now) < (2 * found + 1) << four + 2,
            ]  # fmt: skip
            path.condition += given
            trial = (4 * found + 1) << four
            fits = wide(now) >= trial
            next_found = 2 * found + z3.If(fits, z3.BitVecVal(1, 128), z3.BitVecVal(0, 128))
            if path.end == "ret":
                t.claim(path, "the last bit", z3.BoolVal(k == 0), z3.ZeroExt(96, path.result) == next_found)
                continue
            left = wide(path.next[rest])
            t.claim(
                path, f"bit {k}", left == z3.If(fits, wide(now) - trial, wide(now)), left >= 0,
                left < (2 * next_found + 1) << four, next_found < 1 << (32 - k),
                z3.ZeroExt(64, path.next[root]) == next_found << four, path.next[bit] == at((1 << four) >> 2),
            )  # fmt: skip


def norm_distance(t):
    """A code's distance from the mean in deviations is rounded to nearest, and below 2^23 in size."""
    n, code = sym("n"), z3.SignExt(16, sym("code", 16))
    total, times, root = (t.machine.load(at(STATISTICS + k), b) for k, b in ((SUM, 64), (DOUBLINGS, 32), (ROOT, 32)))
    most = z3.ZeroExt(32, n) << 15
    t.assume(z3.UGE(n, 2), z3.ULE(n, MOST_INPUTS), between(total, -most, most), z3.ULE(times, 30), z3.UGE(root, 1 << 30))
    for path in t.machine.run("normalized", [at(STATISTICS), n, code]):
        distance = t.multiplied(path, 0, n, code) - wide(total)
        scaled = size(distance) << z3.ZeroExt(96, times)
        t.assume(scaled < 1 << 40)  # the lemmas
        (quotient, dividend, divisor), = t.machine.quotients
        t.assume(z3.ULT(quotient, 1 << 23))  # the lemmas
        signed = z3.If(distance < 0, -wide(quotient), wide(quotient))
        t.claim(
            path, "the definition", wide(dividend) == (scaled << 15) + z3.ZeroExt(96, z3.LShR(root, 1)),
            divisor == z3.ZeroExt(32, root), wide(path.result) == signed,
        )  # fmt: skip
        t.inside(path, (STATISTICS, STATISTICS_BYTES))
    distance_lemmas(t)


def distance_lemmas(t):
    n, x, a, b, d, spread, u, v, e, z, q, p = z3.Reals("n x a b d spread u v e z q p")
    of_others = [n >= 2, (n - 1) * b >= a * a, spread == n * (b + x * x) - (a + x) * (a + x)]
    t.lemma("d^2 <= (n - 1) * N, from the sums over the other codes", [*of_others, d == n * x - (a + x)], d * d <= (n - 1) * spread)
    t.lemma(
        "the same after the doublings: u = 4^t, v = (N + epsilon) * u, e = d^2",
        [n >= 2, n <= MOST_INPUTS, spread >= 0, p >= 1, u >= 1, e >= 0, e <= (n - 1) * spread, v == (spread + p) * u],
        e * u <= (MOST_INPUTS - 1) * v,
    )  # fmt: skip
    t.lemma("|d| << t < 2^40, where there were doublings", [d >= 0, v < 2**62, d * d <= (MOST_INPUTS - 1) * v], d < 2**40)
    t.lemma("|d| < 2^40, where there were none", [n <= MOST_INPUTS, x <= 2**15, x >= -(2**15), n >= 2, a <= n * 2**15, a >= -n * 2**15],
            n * x - a < 2**40, n * x - a > -(2**40))  # fmt: skip
    t.lemma(
        "z < 2^23",
        [d >= 0, q >= 2**30, d * d <= (MOST_INPUTS - 1) * v, v < (q + 1) * (q + 1), z * q <= d * 2**15 + q / 2],
        z < 2**23,
    )  # fmt: skip


def norm_quotient(t):
    """The division of 32-bit devices is the whole quotient: 24 steps of a bit each."""
    x, y = sym("x", 64), sym("y")
    divisor = z3.ZeroExt(96, y)
    t.assume(z3.UGE(y, 1 << 30), z3.ULT(z3.ZeroExt(64, x), divisor << 24))
    entry, = t.machine.run("quotient", [x, y])
    of = {z3.simplify(v).sexpr(): k for k, v in entry.next.items()}
    rest, found, bit = (of[v.sexpr()] for v in (x, z3.BitVecVal(0, 32), z3.BitVecVal(1 << 23, 32)))
    part, = [k for k in entry.next if k not in (rest, found, bit)]
    t.claim(entry, "the start", wide(entry.next[part]) == divisor << 23)
    now, so_far = sym("rest", 64), sym("so_far")
    whole, r, d, n, f, power = z3.Ints("whole r d n f power")
    t.lemma("x is the divisor times what was found, and the rest: a step keeps it so",
            [whole == n + r * d, z3.Or(f == 0, f == 1)],
            whole == n - f * power * d + (r + f * power) * d)  # fmt: skip
    for k in range(23, -1, -1):
        step = {rest: now, found: so_far, bit: z3.BitVecVal(1 << k, 32), part: bits_of(divisor << k, 64)}
        given = [wide(now) >= 0, wide(now) < divisor << k + 1, z3.URem(so_far, 2 << k) == 0, z3.ULT(so_far, 1 << 24)]
        for path in t.machine.run("quotient", [x, y], entry.end, step, entry, given):
            fits = wide(now) >= divisor << k
            result = path.result if path.end == "ret" else path.next[found]
            t.claim(path, f"bit {k}", result == so_far + z3.If(fits, z3.BitVecVal(1 << k, 32), z3.BitVecVal(0, 32)))
            if path.end == "ret":
                t.claim(path, "the last bit", z3.BoolVal(k == 0))
                continue
            left = wide(path.next[rest])
            t.claim(
                path, f"bit {k}", left == wide(now) - z3.If(fits, divisor << k, z3.BitVecVal(0, 128)), left < divisor << k,
                path.next[bit] == 1 << k >> 1, wide(path.next[part]) == z3.LShR(divisor << k, 1),
            )  # fmt: skip


def norm_finish(t):
    """A normalized code times its gain, with its bias, fits 32 bits, and goes to its code."""
    m = t.machine
    bits, n = layer(t)
    multipliers, shifts, gains, _ = parts(n)
    i, z = sym("i"), sym("z")
    o = z3.ZeroExt(32, i)
    gain, bias, factor, shift = m.load(gains + o, 8), wide(m.load(at(DATA) + 4 * o, 32)), multipliers + 4 * o, m.load(shifts + o, 8)
    t.factor(m.load(factor, 32), shift)
    t.assume(
        z3.ULT(o, n), between(z, 1 - (1 << 23), (1 << 23) - 1), between(bias, -(1 << 30), 1 << 30), gain != -128,
    )  # fmt: skip
    for path in m.run("finish", [at(NODE), at(Y), i, z]):
        exact = bias + t.multiplied(path, 0, gain, z)
        total = bits_of(exact, 32)
        t.claim(
            path, "the definition", wide(total) == exact,
            *t.calls(path, "nnq_finish", at(NODE), at(Y), i, total, factor, z3.ZeroExt(24, shift)),
        )  # fmt: skip
        t.inside(path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (DATA, parts(n)[3] - DATA))


def layer_norm(t):
    """A layer norm measures all codes, takes the root, and finishes each normalized code in its place."""
    m = t.machine
    bits, n = layer(t)
    spread = m.load(at(STACK + SPREAD), 64)
    t.assume(spread >= 1 << 60)
    i = sym("i", 64)
    t.assume(z3.ULT(i, n))
    arguments = [at(NODE), at(X), at(Y)]
    for entry in m.run("nnq_layer_norm_run", arguments):
        if entry.end == "ret":
            t.never(entry, "a layer has inputs")
            continue
        index, = entry.next
        (place, root), = entry.stores
        t.claim(
            entry, "the start", entry.next[index] == 0, *t.calls(entry, "measure", at(NODE), at(X), at(STACK)),
            *t.calls(entry, "square_root", spread), place == at(STACK + ROOT), root == t.call(entry, "square_root")[1],
        )  # fmt: skip
        code = t.code_at(at(X), bits, i)
        for path in m.run("nnq_layer_norm_run", arguments, entry.end, {index: i}, entry):
            t.claim(
                path, "the definition", *t.calls(path, "normalized", at(STACK), bits_of(n, 32), code),
                *t.calls(path, "finish", at(NODE), at(Y), bits_of(i, 32), t.call(path, "normalized")[1]),
            )  # fmt: skip
            if path.end != "ret":
                t.claim(path, "the next", path.next[index] == i + 1)
            else:
                t.claim(path, "the end", i + 1 == n)
            t.inside(path, (NODE, NODE_BYTES), (RECORD, RECORD_BYTES), (X, n * z3.If(bits == 8, at(1), at(2))))
