"""The engine against other solvers; its bounds, failures, compiled code and repeatability."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import models
from models.network import network_text
from models.simulation.codegen import compile
from models.simulation.engine import TOO_MANY, Engine, EngineRun, Failure
from models.simulation.network_reduction import parse

TIMES = [0.0, 60.0, 600.0, 3600.0, 4 * 3600.0, 24 * 3600.0, 72 * 3600.0]
DRUG = {"load_FKBP": 10.0, "load_R": 1.0, "R_intact": 0.0}

OSCILLATOR = """begin parameters
1 k 1000
end parameters
begin functions
1 f() k*B
2 g() -k*A
end functions
begin species
1 A() 1
2 B() 0
end species
begin reactions
1 0 1 f
2 0 2 g
end reactions
begin groups
1 A 1
2 B 2
end groups
"""
"""1.2 million steps in 100 s, none of them stuck."""


@pytest.fixture(scope="module")
def text(small: Any) -> str:
    return parse(network_text(small.model)).text()


@pytest.fixture(scope="module", params=[True, False], ids=["compiled", "interpreted"])
def engine(text: str, request: pytest.FixtureRequest) -> Engine:
    engine = Engine(text, request.param)
    assert engine.compiled == request.param
    return engine


def done(run: EngineRun | Failure) -> EngineRun:
    assert isinstance(run, EngineRun), run
    return run


def drugged(engine: Engine) -> EngineRun:
    engine.set(DRUG)
    return done(engine.run(engine.initial(), TIMES, 1e-10, 1e-9))


def test_agrees_with_scipy(engine: Engine, small: Any) -> None:
    from pysb.simulator import ScipyOdeSimulator

    options = {
        "integrator": "lsoda",
        "compiler": "python",
        "integrator_options": {"rtol": 1e-11, "atol": 1e-10},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = ScipyOdeSimulator(small.model, tspan=TIMES, param_values=DRUG, **options).run()
    run = drugged(engine)
    for i, name in enumerate(engine.observables):
        np.testing.assert_allclose(run.observables[:, i], other.observables[name], rtol=1e-6, atol=1e-6)
    growth = engine.functions.index("growth")
    np.testing.assert_allclose(run.functions[:, growth], other.expressions["growth"], rtol=1e-6)


def test_agrees_with_libroadrunner(engine: Engine, small: Any) -> None:
    import roadrunner
    from pysb.export import export

    values = {p.name: p.value for p in small.model.parameters}
    try:
        for name, value in DRUG.items():
            small.model.parameters[name].value = value
        sbml = export(small.model, "sbml")
    finally:
        for name, value in values.items():
            small.model.parameters[name].value = value
    other = roadrunner.RoadRunner(sbml)
    other.integrator.relative_tolerance, other.integrator.absolute_tolerance = 1e-11, 1e-10
    other.integrator.setValue("maximum_num_steps", 100_000)
    ids = [f"__s{i}" for i in range(len(engine.species))]
    other.timeCourseSelections = [f"[{s}]" for s in ids]
    # PySB numbers the species as the network file does
    np.testing.assert_allclose(
        drugged(engine).state, other.simulate(0, TIMES[-1], 2)[-1], rtol=1e-6, atol=1e-5
    )


def test_compiled_and_interpreted_agree(text: str) -> None:
    one, two = (drugged(Engine(text, compiled)) for compiled in (True, False))
    np.testing.assert_allclose(one.state, two.state, rtol=1e-7)


def test_steps_are_bounded(engine: Engine) -> None:
    fast = Engine(OSCILLATOR, engine.compiled)
    run = fast.run(fast.initial(), [0.0, 100.0], 1e-6, 1e-8)
    assert run == Failure(TOO_MANY)
    assert isinstance(fast.run(fast.initial(), [0.0, 0.1], 1e-6, 1e-8), EngineRun)


def test_failures_and_order_change_no_bit(engine: Engine) -> None:
    first = drugged(engine)
    engine.set({"r_kact": np.nan})
    assert isinstance(engine.run(engine.initial(), TIMES, 1e-6, 1e-6), Failure)
    engine.set({"r_kact": 0.5})
    done(engine.run(engine.initial() * 3, TIMES, 1e-4, 1e-3))
    engine.set({"r_kact": 0.01})
    again = drugged(engine)
    assert again.state.tobytes() == first.state.tobytes()
    assert again.observables.tobytes() == first.observables.tobytes()


def test_set_all_moves_what_depends_on_a_parameter(text: str) -> None:
    engine = Engine(text, compiled=False)
    values = np.array([engine.core.get_param(name) for name in engine.parameters])
    values[engine.parameters.index("load_R")] = 3.0
    values[engine.parameters.index("T_copies")] = 77.0
    engine.set_all(values)
    assert engine.core.get_param("left_R") == 0.25
    assert 77.0 in engine.initial()
    other = Engine(text, compiled=False)
    other.set({"load_R": 3.0, "T_copies": 77.0})
    assert engine.slopes(engine.initial()).tobytes() == other.slopes(other.initial()).tobytes()


def test_jacobian_is_that_of_the_slopes(engine: Engine) -> None:
    state = engine.initial() + 10.0
    exact, step = engine.jacobian(state), 1e-3
    for i in range(len(state)):
        up, down = state.copy(), state.copy()
        up[i] += step
        down[i] -= step
        numeric = (engine.slopes(up) - engine.slopes(down)) / (2 * step)
        np.testing.assert_allclose(exact[:, i], numeric, rtol=1e-5, atol=1e-7)


# --- compiled code -----
def test_values_share_compiled_code(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path))
    for other in (text, text.replace("r_kact 0.01", "r_kact 3e-05")):
        Engine(other)
    assert len(list((tmp_path / "compiled").glob("*.so"))) == 1


RUN = """
import sys
from models.simulation.engine import Engine, EngineRun
engine = Engine(open(sys.argv[1]).read())
run = engine.run(engine.initial(), [0.0, 3600.0], 1e-6, 1e-6)
assert engine.compiled and isinstance(run, EngineRun)
print(run.state.tobytes().hex())
"""


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_truncated_code_is_made_anew(
    left: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path))
    (tmp_path / "model.net").write_text(text)

    def run() -> str:
        call = [sys.executable, "-c", RUN, str(tmp_path / "model.net")]
        return subprocess.run(
            call, capture_output=True, text=True, check=True, cwd=Path(models.__file__).parents[1]
        ).stdout

    first = run()
    (path,) = (tmp_path / "compiled").glob("*.so")
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    assert run() == first
    (path,) = (tmp_path / "compiled").glob("*.so")
    assert path.read_bytes() == whole


def test_no_compiler_is_said_once(
    text: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    compile.compiler.cache_clear()
    try:
        with caplog.at_level(logging.INFO, "models"):
            assert not Engine(text).compiled
            assert not Engine(text).compiled
    finally:
        compile.compiler.cache_clear()
    assert [r.message for r in caplog.records] == [
        "No C compiler (cc, gcc, clang) found: networks are interpreted, two to three times as slow."
    ]


def test_failing_compiler_falls_back(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REWIRE_CACHE", str(tmp_path))
    monkeypatch.setenv("CC", "false")
    monkeypatch.setattr(compile, "_failed", "")
    compile.compiler.cache_clear()
    try:
        assert not Engine(text).compiled
        assert not Engine(text.replace("f_kon", "f_kom")).compiled
    finally:
        compile.compiler.cache_clear()
    assert caplog.text.count("Compiling failed") == 1  # said once


def test_changed_generated_code_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="new form"):
        compile.bounded("int other_name(double t) {\n}\n")
