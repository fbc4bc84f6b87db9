"""PySB modules are run, and said to be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.core.errors import UserError
from models.readers.model_file import open_model

MODULE = """
from pysb import Model, Monomer, Parameter, Initial, Rule, Observable
Model()
Monomer('A')
Parameter('k', 0.3)
Parameter('A0', 10)
Initial(A(), A0)
Rule('decay', A() >> None, k)
Observable('A_obs', A())
"""


def test_a_module_is_announced_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "mine.py"
    path.write_text(MODULE)
    said: list[str] = []
    model = open_model(path, said.append)
    assert "is Python code, and it is run now" in said[0]
    assert model.observables == ("A_obs",) and set(model.primary) == {"k", "A0"}
    assert "foreign_mine" not in sys.modules


@pytest.mark.parametrize(
    ("text", "said"), [("1/0", "ZeroDivisionError"), ("x = 1", "no PySB `model`"), ("def", "SyntaxError")]
)
def test_what_goes_wrong_is_told(tmp_path: Path, text: str, said: str):
    (tmp_path / "m.py").write_text(text)
    with pytest.raises(UserError, match=said):
        open_model(tmp_path / "m.py")
