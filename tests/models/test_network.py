"""The network's cache: by content, without values, whole files only."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pysb
import pytest

from models import network
from models.core.errors import UserError
from models.simulation.network_reduction import parse


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh cache."""
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def never(model: Any) -> str:
    raise AssertionError("the rules were expanded again")


def test_key_knows_rules_but_not_values(small: Any) -> None:
    key = network.network_key(small.model)
    k = small.model.parameters["r_kact"]
    k.value, old = 7.0, k.value
    try:
        assert network.network_key(small.model) == key
        assert dict(parse(network.network_text(small.model)).parameters)["r_kact"] == "7.0"
    finally:
        k.value = old
    assert dict(parse(network.network_text(small.model)).parameters)["r_kact"] == repr(old)


def test_key_changes_with_a_rule() -> None:
    def model(rate: str) -> pysb.Model:
        m = pysb.Model("m", _export=False)
        a = pysb.Monomer("A", [], _export=False)
        k = [pysb.Parameter(name, 1.0, _export=False) for name in ("k1", "k2")]
        for part in (a, *k, pysb.Rule("lost", a() >> None, k[rate == "k2"], _export=False)):
            m.add_component(part)
        return m

    assert network.network_key(model("k1")) == network.network_key(model("k1"))
    assert network.network_key(model("k1")) != network.network_key(model("k2"))


def test_key_is_the_same_in_every_process(small: Any) -> None:
    code = (
        "import importlib.util as u; s = u.spec_from_file_location('c', 'tests/models/conftest.py');"
        "m = u.module_from_spec(s); import sys; sys.modules['c'] = m; s.loader.exec_module(m);"
        "from models.network import network_key; print(network_key(m.small_model()))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(network.__file__).parents[1],
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert keys == {network.network_key(small.model)}


def test_second_time_comes_from_the_cache(small: Any, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = network.network_text(small.model)
    monkeypatch.setattr(network, "_expand", never)
    assert network.network_text(small.model) == first
    assert [p.suffix for p in (cache / "networks").iterdir()] == [".gz"]


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: gzip.compress(b"begin")]
)
def test_damaged_file_is_made_anew(small: Any, cache: Path, damage: Any) -> None:
    first = network.network_text(small.model)
    (path,) = (cache / "networks").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert network.network_text(small.model) == first
    assert gzip.decompress(path.read_bytes()).decode().rstrip().endswith("end groups")


def test_shipped_network_needs_nothing(
    small: Any, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = network.network_text(small.model)
    one, two = network.ship(small.model, tmp_path / "a"), network.ship(small.model, tmp_path / "b")
    assert one.read_bytes() == two.read_bytes()
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(network, "SHIPPED", tmp_path / "a")
    monkeypatch.setattr(network, "_expand", never)
    assert network.network_text(small.model) == first


def test_without_perl_it_says_what_is_missing(
    small: Any, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(cache))
    with pytest.raises(UserError, match=r"Perl \(the command `perl`\).*shipped model still works"):
        network.network_text(small.model)


def test_unwritable_cache_is_no_obstacle(small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path / "file"))
    assert "end groups" in network.network_text(small.model)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    network.write_whole(path, b"old")
    with pytest.raises(TypeError):
        network.write_whole(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_every_alternative_is_shipped_and_old_networks_go(tmp_path: Path) -> None:
    (tmp_path / "old.net.gz").write_bytes(b"")
    paths = network.ship_all(tmp_path)
    assert set(paths) == set(tmp_path.iterdir())
    assert len(paths) > 5


def test_what_is_shipped_is_what_the_rules_give(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    from models.assemble import build

    key = network.network_key(build().model)
    assert (network.SHIPPED / f"{key}.net.gz").exists(), "the rules changed: run `python -m models.network`"
