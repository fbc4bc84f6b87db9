"""BioNetGen files: what reaches BioNetGen is only what describes the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.core.errors import Mistakes, UserError
from models.readers.bngl import clean, expand, statements
from models.readers.model_file import open_model

MODEL = """
begin model
begin parameters
  kf 1  # forward
  kr = 0.1
  K3 K3__FREE
end parameters
begin molecule types
  A(b)
  B(a,s~0~P)
end molecule types
begin seed species
  A(b) 10
  B(a,s~0) \\
     20
end seed species
begin observables
  Molecules AB A(b!1).B(a!1)
end observables
begin functions
  twice() 2*AB
end functions
begin reaction rules
  A(b) + B(a) <-> A(b!1).B(a!1)  kf, kr*K3
end reaction rules
end model
generate_network({overwrite=>1,max_agg=>5})
simulate({method=>"ode",t_end=>10,n_steps=>10})
system("touch never")
"""


def test_actions_never_reach_bionetgen():
    problems = Mistakes("m.bngl")
    source, notes = clean(MODEL, problems)
    assert not problems.found
    assert "simulate" not in source and "system" not in source and "touch" not in source
    assert source.rstrip().endswith("generate_network({overwrite=>1,max_agg=>5})")
    assert notes == ["actions that were not run: simulate (1), system (1)"]
    assert "K3__FREE 1" in source and "B(a,s~0) 20" in source


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kf 1  # forward", "kf `id`", "line 4"),
        ("kf 1  # forward", "kf system(1)", "line 4: the function 'system'"),
        ("2*AB", 'readFile("/etc/passwd")', "line 21"),
        ("kr*K3", "system(1)", "line 24: 'system'"),
        ("begin functions", "begin energy patterns", "line 20: the block 'energy patterns'"),
        ("begin model\n", 'setOption("SpeciesLabel","Auto")\nbegin model\n', "setOption"),
        ("begin model\n", "rm -rf x\nbegin model\n", "rm -rf x"),
        ("A(b) + B(a) <->", "A(b) + $(ls) <->", "a lone $"),
        ("twice() 2*AB", "twice(x) 2*AB(x)", "local functions"),
        ("twice() 2*AB", "twice() 2*AB; unlink 'x'", "character"),
    ],
)
def test_anything_else_is_refused_with_its_line(old: str, new: str, said: str):
    problems = Mistakes("m.bngl")
    assert clean(MODEL.replace(old, new, 1), problems)[0] == ""
    assert any(said in str(problem) for problem in problems.found), problems.found


def test_lines_are_joined_and_numbered():
    assert statements("a # x\n\nb \\\n c\nd\\") == [(1, "a"), (3, "b c")]


def test_a_model_is_expanded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "m.bngl"
    path.write_text(MODEL)
    model = open_model(path)
    read = model
    assert len(read.species) == 3 and read.functions[:1] == ("twice",) and "K3__FREE" in read.primary
    assert len(list((tmp_path / "cache" / "foreign").glob("*.net"))) == 1
    source, _ = clean(MODEL, Mistakes())
    monkeypatch.setenv("PATH", "")  # without Perl the second time
    assert expand(source, Mistakes()) == model.net


def test_what_bionetgen_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "m.bngl"
    path.write_text(MODEL.replace("A(b) 10", "A(q) 10"))
    with pytest.raises(UserError, match="BioNetGen refuses it"):
        open_model(path)
