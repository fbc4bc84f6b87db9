"""Measured points."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calibration.external.exp_tables import read_exp, residual
from calibration.external.setups import Setup
from calibration.external.simulator import ArmTable
from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.simulation.engine import Failure

TIME = np.array([0.0, 5.0, 10.0])
ARMS = {
    "s1": Setup("s1", "", (), {}, {}, 10.0, TIME, "", TIME),
    "d": Setup("d", "", (), {}, {}, 10.0, TIME, "dose", TIME),
}
TABLE = {"s1": ArmTable(TIME, ("A",), np.array([[1.0], [2.0], [4.0]]))}


def test_points_and_their_residuals():
    problems = Mistakes()
    text = TextFile("s1.exp", "# time A A_SD\n5 3 0.5\n10 nan 1\n# a note\n10 4 2\n")
    points = read_exp(text, ARMS, ("A",), "chi_sq", problems)
    assert not problems.found and [p.id for p in points] == ["s1.exp:2:A", "s1.exp:5:A"]
    assert residual(points[0], TABLE, "chi_sq") ** 2 == pytest.approx((2 - 3) ** 2 / (2 * 0.5**2))
    assert residual(points[0], TABLE, "sos") == -1.0
    assert math.isnan(residual(points[0], {"s1": Failure("x")}, "sos"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("s3.exp", "# time A\n", "there is no arm 's3'"),
        ("s1.exp", "time A\n5 3\n", "no heading"),
        ("s1.exp", "# dose A A_SD\n", "'dose'"),
        ("d.exp", "# dose A A_SD\n3 1 1\n", "3 is not in arm d"),
        ("s1.exp", "# time AA AA_SD\n", "unknown observable 'AA'"),
        ("s1.exp", "# time A\n5 3\n", "no column A_SD"),
        ("s1.exp", "# time A A_SD\n5 3 0\n", "A_SD is 0"),
        ("s1.exp", "# time A A_SD\n5 3\n", "2 columns"),
        ("s1.exp", "# time A A_SD\n5 x 1\n", "numbers, or nan"),
        ("s1.exp", "# time A A_SD\n15 3 1\n", "15 is not in arm s1"),
        ("s1.exp", "", "no heading"),
    ],
)
def test_mistakes_are_told(name: str, content: str, said: str):
    problems = Mistakes()
    try:
        read_exp(TextFile(name, content), ARMS, ("A",), "chi_sq", problems)
    except ValueError as error:
        pytest.fail(str(error))
    assert any(said in str(problem) for problem in problems.found), problems.found
