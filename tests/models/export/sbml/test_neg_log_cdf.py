"""-ln Phi(x) as functions of SBML, evaluated by another engine."""

from __future__ import annotations

import re
from pathlib import Path

import libsbml
import numpy as np
import pytest
from scipy.special import log_ndtr

from models.engines.sbml_engines import simulate
from models.export.sbml.neg_log_cdf import NEG_LOG_CDF, coefficients, define, functions
from models.export.sbml.writer import SbmlWriter, faults, formula

POINTS = [-40.0, -12.3, -5.0, -1.0, -1e-3, 0.0, 1e-3, 0.7, 2.0, 5.0, 9.0, 40.0]


@pytest.mark.parametrize("engine", ["roadrunner", "COPASI"])
def test_other_engines_work_it_out(tmp_path: Path, engine: str):
    writer = SbmlWriter("surprises")
    define(writer.model)
    for i, x in enumerate(POINTS):
        writer.parameter(f"y{i}", (0, 0, 0), None, 2, constant=False)
        math = formula(f"{NEG_LOG_CDF}({x!r})")
        number = math.getChild(0)
        (number if number.isNumber() else number.getChild(0)).setUnits("dimensionless")
        writer.rule(f"y{i}", math)
    assert faults(writer.document) == []
    path = tmp_path / "surprises.xml"
    path.write_text(libsbml.writeSBMLToString(writer.document))
    found, _ = simulate(engine, path, [1.0], [f"y{i}" for i in range(len(POINTS))])
    ours = -log_ndtr(np.array(POINTS))
    assert np.abs(found[0] - ours) / np.maximum(ours, 1.0) == pytest.approx(0.0, abs=1e-6)


def test_it_is_as_near_as_it_says():
    x = np.linspace(-60.0, 12.0, 4001)
    t = 1.0 / (1.0 + np.abs(x) / np.sqrt(8.0))
    tail = np.log(t) - np.log(2.0) - x**2 / 2.0 + np.polynomial.polynomial.polyval(t, coefficients())
    found = np.where(x < 0.0, -tail, -np.log1p(-np.exp(tail)))
    ours = -log_ndtr(x)
    assert np.max(np.abs(found - ours) / np.maximum(ours, 1.0)) < 1e-6


def test_functions_stand_before_their_use():
    names = list(functions())
    for i, text in enumerate(functions().values()):
        assert not any(re.search(rf"\b{later}\(", text) for later in names[i:])
