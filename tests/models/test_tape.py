"""Formulas as C: their values and slopes are those of an algebra system."""

from __future__ import annotations

import ctypes
import random
import subprocess

import pytest
import sympy

from models.library import compiler
from models.tape import Tape, Unsupported, in_order, named

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
def test_values_and_slopes_are_those_of_an_algebra_system(tmp_path):
    rng = random.Random(1)
    formulas = {f"f{i}": formula(rng, 3) for i in range(40)}
    place = {name: i for i, name in enumerate([*NAMES, *formulas])}
    tape = Tape(place)
    for name, text in formulas.items():
        tape.add(name, text)
    code = tmp_path / "tape.c"
    code.write_text("#include <math.h>\nvoid run(double *v, double *p) {\n" + "\n".join(tape.lines) + "\n}\n")
    made = tmp_path / "tape.so"
    subprocess.run([compiler(), "-shared", "-fPIC", "-o", made, code, "-lm"], check=True)
    at = {"a": 0.7, "b": 1.9, "c": 3.1}
    v, p = (ctypes.c_double * len(place))(*at.values()), (ctypes.c_double * len(tape.edges))()
    ctypes.CDLL(str(made)).run(v, p)
    slopes = {edge: p[i] for i, edge in enumerate(tape.edges)}
    for name, text in formulas.items():
        exact = sympy.sympify(text.replace("^", "**"))
        assert v[place[name]] == pytest.approx(float(exact.subs(at)), rel=1e-12)
        for other in NAMES:
            wanted = float(sympy.diff(exact, sympy.Symbol(other)).subs(at))
            assert slopes.get((place[name], place[other]), 0.0) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


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
