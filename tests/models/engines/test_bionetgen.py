"""BNG2.pl as it is used here: what it puts out, and how it fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.errors import UserError
from models.core.isolated import EngineFailure
from models.engines.bionetgen import run_bngl, run_net, version

MODEL = """
begin model
begin parameters
  k 0.01
end parameters
begin molecule types
  A()
end molecule types
begin seed species
  A() 100
end seed species
begin observables
  Molecules tA A()
end observables
begin functions
  half() tA/2
end functions
begin reaction rules
  lost: A() -> 0 k DeleteMolecules
end reaction rules
end model
generate_network({overwrite=>1})
simulate({method=>"ode",suffix=>"first_one",t_start=>0,t_end=>100,n_steps=>2,print_functions=>1,rtol=>1e-10,atol=>1e-10})
setParameter("k",0)
simulate({method=>"ode",suffix=>"first_one",continue=>1,t_start=>100,t_end=>200,n_steps=>2,print_functions=>1})
"""


def test_outputs_are_named_by_their_suffix(tmp_path: Path):
    path = tmp_path / "a model with spaces.bngl"
    path.write_text(MODEL)
    found = run_bngl(path)
    assert set(found) == {"first_one"} and found["first_one"].names == ("tA", "half")
    output = found["first_one"]
    assert output.times.tolist() == [0.0, 50.0, 100.0, 150.0, 200.0]
    wanted = 100.0 * np.exp(-0.01 * np.minimum(output.times, 100.0))
    assert output.table[:, 0] == pytest.approx(wanted, rel=1e-8)
    assert output.table[:, 1] == pytest.approx(wanted / 2, rel=1e-8)
    assert version().startswith("BioNetGen 2")


def test_a_network_is_read_back(tmp_path: Path):
    path = tmp_path / "small.net"
    path.write_text(
        "begin parameters\n 1 k 0.01\nend parameters\nbegin species\n 1 A() 100\nend species\n"
        "begin reactions\n 1 1 0 k\nend reactions\nbegin groups\n 1 tA 1\nend groups\n"
    )
    found = run_net(path, [10.0, 20.0, 30.0])
    assert found.times.tolist() == [10.0, 20.0, 30.0]
    assert found.table[:, 0] == pytest.approx(100.0 * np.exp([-0.1, -0.2, -0.3]), rel=1e-7)


@pytest.mark.parametrize(
    "text", ["", MODEL.replace("A() -> 0 k ", "A() -> 0 unheard_of "), MODEL.replace('"k",0', '"q",0')]
)
def test_what_bionetgen_refuses_is_said(tmp_path: Path, text: str):
    path = tmp_path / "a.bngl"
    path.write_text(text)
    if not text:
        assert run_bngl(path) == {}  # nothing to do is no failure
        return
    with pytest.raises(EngineFailure, match="BioNetGen: "):
        run_bngl(path)


def test_a_file_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.bngl"
    path.write_text(MODEL)
    monkeypatch.setattr("models.engines.bionetgen.LIMIT_S", 0.01)
    with pytest.raises(EngineFailure, match="not done after"):
        run_bngl(path)


def test_without_perl_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.bngl"
    path.write_text(MODEL)
    monkeypatch.setattr("models.engines.bionetgen.missing_for_expansion", lambda: ["Perl"])
    with pytest.raises(UserError, match="needs Perl, missing here; --no-verify"):
        run_bngl(path)
