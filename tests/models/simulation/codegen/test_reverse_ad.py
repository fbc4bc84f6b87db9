"""Formulas as C: their values and slopes are those of an algebra system."""

from __future__ import annotations

import ctypes
import random
import subprocess
from pathlib import Path

import pytest
import sympy

import models
from models.simulation.codegen.compile import compiler
from models.simulation.codegen.reverse_ad import Tape, Unsupported, in_order, named

NAMES = ("a", "b", "c")


def formula(rng: random.Random, depth: int) -> str:
    """Any formula that stays positive, so that it can be a denominator and have a root."""
    if depth == 0:
        return rng.choice([*NAMES, "1", "0.25", "3.0e-2"])
    left, right = formula(rng, depth - 1), formula(rng, depth - 1)
    match rng.randrange(6):
        case 0:
            return f"({left}+{right})"
        case 1:
            return f"({left}*{right})"
        case 2:
            return f"({left}/({right}+1))"
        case 3:
            return f"({left}^{rng.choice(['2', '0.5', '-1', '3'])})"
        case 4:
            return f"({left}-(0.5*{left}))"
        case _:
            return f"(-(-{left}))"


@pytest.mark.skipif(compiler() is None, reason="no C compiler")
@pytest.mark.parametrize("lanes", [2, 4, 8])
def test_values_and_slopes_are_those_of_an_algebra_system(tmp_path, lanes):
    rng = random.Random(1)
    formulas = {f"f{i}": formula(rng, 3) for i in range(40)}
    place = {name: i for i, name in enumerate([*NAMES, *formulas])}
    tape = Tape(place)
    for name, text in formulas.items():
        tape.add(name, text)
    code = tmp_path / "tape.c"
    head = [f"#define LANES {lanes}"]
    head += [
        Path(models.__file__).with_name("simulation").joinpath("codegen", "network.c").read_text(),
        "void run(real *v, real *p) {",
    ]
    code.write_text("\n".join([*head, *tape.lines, "}"]))
    made = tmp_path / "tape.so"
    subprocess.run([compiler(), "-shared", "-fPIC", "-o", made, code, "-lm"], check=True)
    at = [{"a": 0.7 + lane, "b": 1.9, "c": 3.1 / (1 + lane)} for lane in range(lanes)]
    v = (ctypes.c_double * (len(place) * lanes))(*(own[name] for name in NAMES for own in at))
    p = (ctypes.c_double * (len(tape.edges) * lanes))()
    ctypes.CDLL(str(made)).run(v, p)
    slopes = {edge: p[i * lanes : (i + 1) * lanes] for i, edge in enumerate(tape.edges)}
    nothing = [0.0] * lanes
    for name, text in formulas.items():
        exact = sympy.sympify(text.replace("^", "**"))
        told = v[place[name] * lanes : (place[name] + 1) * lanes]
        assert told == pytest.approx([float(exact.subs(own)) for own in at], rel=1e-12)
        for other in NAMES:
            slope = sympy.diff(exact, sympy.Symbol(other))
            wanted = [float(slope.subs(own)) for own in at]
            edge = slopes.get((place[name], place[other]), nothing)
            assert edge == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("text", ["exp(a)", "a^b", "a if b else c", "[a]", "a +", "unknown*a", "a.b"])
def test_what_cannot_be_read_is_said(text):
    with pytest.raises(Unsupported):
        Tape({"a": 0, "b": 1, "c": 2, "f": 3}).add("f", text)


def test_formulas_come_after_those_they_need():
    formulas = {"late": "early*2", "early": "a+b", "middle": "early/late"}
    order = in_order(formulas)
    assert all(
        order.index(inner) < order.index(n) for n, f in formulas.items() for inner in named(f) & {*order}
    )
    with pytest.raises(Unsupported, match="circle"):
        in_order({"x": "y", "y": "x"})
