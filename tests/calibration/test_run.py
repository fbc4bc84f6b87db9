import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from calibration import fit
from calibration.cma_fit import CmaRounds
from calibration.gauss_newton import advance
from calibration.pool import Pool
from calibration.run import Run, unpack
from calibration.state import Budget
from calibration.trial import Inequalities
from models.problems import UserError

SPACE = SimpleNamespace(
    names=[f"rate_{i}" for i in range(40)], centre_log10=np.linspace(-6, 2, 40), sd=np.full(40, 0.5)
)


def start(folder):
    return Run.create(folder, SPACE, {"seed": 5, "minutes": 1.0}, "abc", {"sin1": "s6k_inhibits"})


@pytest.mark.parametrize("method", [advance, CmaRounds])
def test_a_run_cut_short_goes_on_as_if_it_had_not_been(tmp_path, method):
    def go(budget, keeper, state=None):
        with Pool(problem=Inequalities(seed=4, bend=2.0)) as pool:
            rounds = method() if method is CmaRounds else method
            return fit.calibrate(pool, 5, budget, keeper=keeper, state=state, advance=rounds)

    whole = go(Budget(evaluations=700), None)
    go(Budget(evaluations=150), start(tmp_path / "run"))
    again = Run.resume(tmp_path / "run", SPACE, "abc")
    assert again.state.evaluations >= 150
    ended = go(Budget(evaluations=700), again, again.state)
    assert ended.evaluations == whole.evaluations
    assert np.array_equal(
        ended.best if ended.best is not None else ended.members[-1].z,
        whole.best if whole.best is not None else whole.members[-1].z,
    )
    evaluations = [float(row[4]) for row in Run.resume(tmp_path / "run", SPACE, "abc").trace]
    assert evaluations == sorted(evaluations)


def test_ctrl_c_saves_and_ends_quietly(tmp_path):
    run = start(tmp_path / "run")
    rounds = []

    def press(progress):
        rounds.append(progress)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    with Pool(problem=Inequalities(100, 150, seed=4)) as pool:
        state = fit.calibrate(pool, 5, Budget(evaluations=1e6), progress=press, keeper=run)
    saved = unpack(tmp_path / "run" / "state.npz")
    assert saved.evaluations == state.evaluations > 0
    assert np.array_equal(saved.z, state.z) and np.array_equal(saved.jac, state.jac)


SCRIPT = """
from calibration import fit
from calibration.pool import Pool, Recipe
from calibration.state import Budget

if __name__ == "__main__":
    options = {"n": 100, "n_terms": 150, "bend": 3.0, "seconds": 0.02}
    with Pool(Recipe("calibration.trial", "inequalities", options), 2) as pool:
        print("on", flush=True)
        print(fit.calibrate(pool, 1, Budget(minutes=5)).evaluations, flush=True)
"""


@pytest.mark.slow
def test_ctrl_c_on_the_terminal_stops_workers_too(tmp_path):
    script = tmp_path / "go.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout.readline() == "on\n"
    time.sleep(2.5)
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to parent and workers
    out, err = child.communicate(timeout=20)
    assert child.returncode == 0 and err == ""
    assert float(out) > 0


def test_an_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="exists already"):
        start(tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    start(tmp_path / "run")
    with pytest.raises(UserError, match="exists already"):
        start(tmp_path / "run")


def foreign(folder):
    (folder / "run.json").unlink()


def other_format(folder):
    (folder / "run.json").write_text('{"format": "bakery/3"}')


def half_json(folder):
    text = (folder / "run.json").read_text()
    (folder / "run.json").write_text(text[: len(text) // 2])


def half_state(folder):
    data = (folder / "state.npz").read_bytes()
    (folder / "state.npz").write_bytes(data[: len(data) // 2])


def pickled_state(folder):
    np.savez(folder / "state.npz", plain=np.array({"a": 1}, dtype=object))


def half_trace(folder):
    (folder / "trace.csv").write_text("start,hold\n1\n")


def a_list(folder):
    (folder / "run.json").write_text("[]")


@pytest.mark.parametrize(
    "damage", [foreign, other_format, half_json, half_state, pickled_state, half_trace, a_list]
)
def test_foreign_or_half_written_folders_are_refused_with_words(tmp_path, damage):
    with Pool(problem=Inequalities(seed=4)) as pool:
        fit.calibrate(pool, 5, Budget(evaluations=60), keeper=start(tmp_path / "run"))
    damage(tmp_path / "run")
    before = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    with pytest.raises(UserError) as caught:
        Run.resume(tmp_path / "run", SPACE, "abc")
    assert "run" in str(caught.value)
    assert before == {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}


def test_a_run_of_other_findings_or_another_model_is_not_gone_on_with(tmp_path):
    with Pool(problem=Inequalities(seed=4)) as pool:
        fit.calibrate(pool, 5, Budget(evaluations=60), keeper=start(tmp_path / "run"))
    with pytest.raises(UserError, match="findings have changed"):
        Run.resume(tmp_path / "run", SPACE, "xyz")
    fewer = SimpleNamespace(names=SPACE.names[:39], centre_log10=SPACE.centre_log10[:39], sd=SPACE.sd[:39])
    with pytest.raises(UserError, match="40 parameters"):
        Run.resume(tmp_path / "run", fewer, "abc")


def test_the_folder_says_what_was_done(tmp_path):
    run = start(tmp_path / "run")
    with Pool(problem=Inequalities(seed=4)) as pool:
        state = fit.calibrate(pool, 5, Budget(members=2), keeper=run)
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    assert about["findings"] == "abc" and about["options"]["seed"] == 5
    assert {"python", "numpy", "bngsim", "pysb"} <= set(about["versions"])
    assert Run.options_of(tmp_path / "run") == {"seed": 5, "minutes": 1.0}
    lines = (tmp_path / "run" / "members.csv").read_text().splitlines()
    assert lines[0].startswith("start,hold,of,evaluations,seconds,reason,rate_0,")
    assert len(lines) == 3
    ensemble = run.ensemble(state.members)
    assert ensemble.names == tuple(SPACE.names)
    assert np.allclose(ensemble.z, [m.z for m in state.members])
    assert ensemble.origins[1].seed == 5 and ensemble.origins[1].start == 1
