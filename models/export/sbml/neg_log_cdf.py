"""The negative log CDF of the normal distribution, ``-ln Phi(x)``, as functions of an SBML file.

SBML and PEtab have no normal distribution function. This one has an error below 1e-6 of its value (or of 1)
anywhere: ``erfc(z) = t exp(-z^2 + q(t))`` with ``t = 1 / (1 + z / 2)`` for z >= 0, and q a polynomial that
interpolates at Chebyshev points.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray
from scipy.special import erfcx

from models.export.sbml.writer import done, formula

Array = NDArray[np.float64]

DEGREE = 7
"""Degree of the polynomial."""

NEG_LOG_CDF = "neg_log_cdf"
"""Id of the SBML function."""

_NEAR, _TAIL = "surprise_nearness", "surprise_log_tail"


@lru_cache(maxsize=1)
def coefficients() -> tuple[float, ...]:
    """Coefficients of q, lowest first."""

    def q(t: Array) -> Array:
        z = 2.0 * (1.0 / np.maximum(t, 1e-12) - 1.0)
        return np.asarray(np.log(erfcx(z) * (1.0 + z / 2.0)))

    through = Chebyshev.interpolate(q, DEGREE, domain=[0.0, 1.0])
    return tuple(map(float, through.convert(kind=Polynomial, domain=[-1.0, 1.0]).coef))


def functions() -> dict[str, str]:
    """Name → formula; each uses only earlier ones. ``surprise_log_tail`` is the logarithm of Phi(-|x|)."""
    *lower, horner = map(repr, coefficients())
    t = f"{_NEAR}(x)"
    for c in reversed(lower):
        horner = f"({c} + {t} * {horner})"
    return {
        _NEAR: f"1 / (1 + abs(x) / {2.0 * math.sqrt(2.0)!r})",
        _TAIL: f"ln({t}) - {math.log(2.0)!r} - x^2 / 2 + {horner}",
        NEG_LOG_CDF: f"piecewise(-{_TAIL}(x), x < 0, -ln(1 - exp({_TAIL}(x))))",
    }


def define(model: Any) -> None:
    """Add the functions to a libSBML model."""
    for name, text in functions().items():
        made = model.createFunctionDefinition()
        done(made.setId(name))
        math_ = formula(f"lambda(x, {text})")
        plain_numbers(math_)
        done(made.setMath(math_))


def plain_numbers(node: Any) -> None:
    """Mark each number of a formula as dimensionless."""
    if node.isNumber():
        done(node.setUnits("dimensionless"))
    for i in range(node.getNumChildren()):
        plain_numbers(node.getChild(i))
