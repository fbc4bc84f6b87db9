import errno
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

from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.cma_es import CmaRounds
from calibration.optimize.gauss_newton import advance
from calibration.optimize.state import Budget
from calibration.storage.checkpoint import unpack
from calibration.storage.run_folder import BEFORE, STATE, TRACE, Run, SavedRun
from models.core.errors import UserError

SPACE = SimpleNamespace(
    names=[f"rate_{i}" for i in range(40)], centre_log10=np.linspace(-6, 2, 40), sd=np.full(40, 0.5)
)


def without_seconds(trace):
    """The rows of a trace as text, without the one column that is not a matter of the seed."""
    return [[str(cell) for name, cell in zip(TRACE, row, strict=True) if name != "seconds"] for row in trace]


def start(folder):
    return Run.create(folder, SPACE, {"seed": 5, "minutes": 1.0}, "abc", {"sin1": "s6k_inhibits"})


@pytest.mark.parametrize("method", [advance, CmaRounds])
def test_a_run_cut_short_goes_on_as_if_it_had_not_been(tmp_path, method):
    def go(budget, keeper, state=None):
        with Pool(problem=Inequalities(seed=4, bend=2.0)) as pool:
            rounds = method() if method is CmaRounds else method
            return multistart.calibrate(pool, 5, budget, keeper=keeper, state=state, advance=rounds)

    kept = start(tmp_path / "whole")
    whole = go(Budget(evaluations=700), kept)
    go(Budget(evaluations=150), start(tmp_path / "run"))
    again = Run.resume(tmp_path / "run", SPACE, "abc")
    assert again.state.evaluations >= 150
    ended = go(Budget(evaluations=700), again, again.state)
    assert ended.evaluations == whole.evaluations
    assert np.array_equal(
        ended.best if ended.best is not None else ended.members[-1].z,
        whole.best if whole.best is not None else whole.members[-1].z,
    )
    again.close()
    assert without_seconds(Run.resume(tmp_path / "run", SPACE, "abc").trace) == without_seconds(kept.trace)


def test_ctrl_c_saves_and_ends_quietly(tmp_path):
    run = start(tmp_path / "run")
    rounds = []

    def press(progress):
        rounds.append(progress)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    with Pool(problem=Inequalities(100, 150, seed=4)) as pool:
        state = multistart.calibrate(pool, 5, Budget(evaluations=1e6), progress=press, keeper=run)
    saved, rounds = unpack(tmp_path / "run" / "state.npz")
    assert saved.evaluations == state.evaluations > 0 and rounds == 3 == len(run.trace)
    assert np.array_equal(saved.z, state.z) and np.array_equal(saved.jac, state.jac)


SCRIPT = """
from calibration.optimize import multistart
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize.state import Budget

if __name__ == "__main__":
    options = {"n": 100, "n_terms": 150, "bend": 3.0, "seconds": 0.02}
    with Pool(Recipe("calibration.objective.toy_problem", "inequalities", options), 2) as pool:
        print("on", flush=True)
        print(multistart.calibrate(pool, 1, Budget(minutes=5)).evaluations, flush=True)
"""


@pytest.mark.slow
def test_ctrl_c_on_the_terminal_stops_workers_too(tmp_path):
    script = tmp_path / "go.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[3]
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
    (folder / BEFORE).unlink()
    data = (folder / STATE).read_bytes()
    (folder / STATE).write_bytes(data[: len(data) // 2])


def pickled_state(folder):
    (folder / BEFORE).unlink()
    np.savez(folder / STATE, plain=np.array({"a": 1}, dtype=object))


def odd_budget(folder):
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | {"budget": {"beers": 3}}))


def other_numpy(folder):
    about = json.loads((folder / "run.json").read_text())
    about["environment"]["numbers"]["versions"]["numpy"] = "1.0"
    (folder / "run.json").write_text(json.dumps(about))


def half_trace(folder):
    (folder / "trace.csv").write_text("start,hold\n1\n")


def a_list(folder):
    (folder / "run.json").write_text("[]")


@pytest.mark.parametrize(
    "damage",
    [
        foreign,
        other_format,
        half_json,
        half_state,
        pickled_state,
        half_trace,
        a_list,
        odd_budget,
        other_numpy,
    ],
)
def test_foreign_or_half_written_folders_are_refused_with_words(tmp_path, damage):
    with Pool(problem=Inequalities(seed=4)) as pool:
        multistart.calibrate(pool, 5, Budget(evaluations=60), keeper=start(tmp_path / "run"))
    damage(tmp_path / "run")
    before = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    with pytest.raises(UserError) as caught:
        _ = Run.resume(tmp_path / "run", SPACE, "abc").budget
    assert "run" in str(caught.value)
    assert before == {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}


def test_a_run_of_other_findings_or_another_model_is_not_gone_on_with(tmp_path):
    with Pool(problem=Inequalities(seed=4)) as pool:
        multistart.calibrate(pool, 5, Budget(evaluations=60), keeper=start(tmp_path / "run"))
    with pytest.raises(UserError, match="findings have changed"):
        Run.resume(tmp_path / "run", SPACE, "xyz")
    fewer = SimpleNamespace(names=SPACE.names[:39], centre_log10=SPACE.centre_log10[:39], sd=SPACE.sd[:39])
    with pytest.raises(UserError, match="40 parameters"):
        Run.resume(tmp_path / "run", fewer, "abc")


def test_the_folder_says_what_was_done(tmp_path):
    run = start(tmp_path / "run")
    with Pool(problem=Inequalities(seed=4)) as pool:
        state = multistart.calibrate(pool, 5, Budget(members=2), keeper=run)
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


def fitted(folder, evaluations=60):
    run = start(folder)
    with Pool(problem=Inequalities(seed=4)) as pool:
        state = multistart.calibrate(pool, 5, Budget(evaluations=evaluations), keeper=run)
    run.close()
    return state


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:999]), Path.unlink])
def test_the_checkpoint_before_is_gone_on_from_and_leads_to_the_same_end(tmp_path, damage):
    fitted(tmp_path / "run")
    damage(tmp_path / "run" / STATE)
    again = Run.resume(tmp_path / "run", SPACE, "abc")
    assert 0 < again.state.evaluations < 60 and len(again.trace) > 0
    with Pool(problem=Inequalities(seed=4)) as pool:
        ended = multistart.calibrate(pool, 5, Budget(evaluations=200), keeper=again, state=again.state)
    whole = start(tmp_path / "whole")
    with Pool(problem=Inequalities(seed=4)) as pool:
        straight = multistart.calibrate(pool, 5, Budget(evaluations=200), keeper=whole)
    assert np.array_equal(ended.z, straight.z) and ended.evaluations == straight.evaluations
    assert without_seconds(again.trace) == without_seconds(whole.trace)


def test_stopped_between_a_round_and_its_saving_no_row_is_lost(tmp_path):
    """Ctrl-C may come after a round has been taken over and before it was noted."""
    rounds = []

    class Late(Run):
        def save(self, state, progress, force=False):
            rounds.append(progress)
            if len(rounds) == 4:
                raise KeyboardInterrupt
            super().save(state, progress, force)

    run = Late.create(tmp_path / "run", SPACE, {"seed": 5}, "abc", {})
    with Pool(problem=Inequalities(seed=4)) as pool:
        multistart.calibrate(pool, 5, Budget(evaluations=1e6), keeper=run)
    whole = start(tmp_path / "whole")
    with Pool(problem=Inequalities(seed=4)) as pool:
        multistart.calibrate(pool, 5, Budget(evaluations=run.state.evaluations), keeper=whole)
    assert len(run.trace) == 4 and without_seconds(run.trace) == without_seconds(whole.trace)


def test_one_process_at_a_time(tmp_path):
    run = start(tmp_path / "run")
    with pytest.raises(UserError, match=f"another process works in this run folder .process {os.getpid()} "):
        Run.resume(tmp_path / "run", SPACE, "abc")
    run.close()
    Run.resume(tmp_path / "run", SPACE, "abc").close()


def test_a_folder_that_only_a_killed_process_was_in_is_as_good_as_new(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "lock").write_text("process 1 on nowhere\n")
    (folder / ".part-run.json.x1").write_text('{"format": ')
    start(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["lock", "run.json"]


@pytest.mark.parametrize("when", ["fsync", "rename"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_and_a_read_only_folder_lose_nothing(tmp_path, monkeypatch, when, code):
    fitted(tmp_path / "run")
    before = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    run = Run.resume(tmp_path / "run", SPACE, "abc")

    def fail(*_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(*((os, "fsync") if when == "fsync" else (Path, "replace")), fail)
        with Pool(problem=Inequalities(seed=4)) as pool, pytest.raises(UserError, match=os.strerror(code)):
            multistart.calibrate(pool, 5, Budget(evaluations=200), keeper=run, state=run.state)
    run.close()
    after = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    assert after.keys() == before.keys()
    assert all(before[name] == after[name] for name in before if name not in ("lock", "trace.csv"))
    assert Run.resume(tmp_path / "run", SPACE, "abc").state.evaluations >= 60


def test_a_limit_on_the_size_of_files_is_a_full_disk(tmp_path):
    """A real failing write: the kernel refuses, in another process."""
    code = (
        "import resource, sys; from pathlib import Path; from models.core import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "path = Path(sys.argv[1])\n"
        "files.write(path, 'a' * 500)\n"
        "try: files.write(path, 'b' * 5000)\n"
        "except files.UserError as error: print(error)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x")],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot be written (File too large). Make room" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "a" * 500


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        start(tmp_path / "file" / "run")


def test_another_budget_is_noted(tmp_path):
    run = Run.create(tmp_path / "run", SPACE, {"seed": 5}, "abc", {}, Budget(evaluations=100.0))
    run.close()
    again = Run.resume(tmp_path / "run", SPACE, "abc")
    assert again.budget == Budget(evaluations=100.0)
    again.grant(Budget(minutes=2.0, evaluations=300.0))
    again.close()
    saved = SavedRun.read(tmp_path / "run")
    assert saved.budget == Budget(minutes=2.0, evaluations=300.0) and saved.state.evaluations == 0.0
    assert saved.resumed(None, None) == saved.budget and saved.resumed(None, 5.0) == Budget(evaluations=5.0)


def changed(folder, *place_and_value):
    about = json.loads((folder / "run.json").read_text())
    table = about["environment"]
    *place, name, value = place_and_value
    for key in place:
        table = table[key]
    table[name] = value
    (folder / "run.json").write_text(json.dumps(about))


@pytest.mark.parametrize(
    "what",
    [
        ("numbers", "versions", "bngsim", "0.1"),
        ("numbers", "engine", "steam"),
        ("numbers", "generators", "start", "0"),
        ("numbers", "blas", []),
    ],
)
def test_what_changes_the_numbers_is_refused_or_noted(tmp_path, what):
    fitted(tmp_path / "run")
    changed(tmp_path / "run", *what)
    with pytest.raises(UserError, match="--accept-changes") as refused:
        Run.resume(tmp_path / "run", SPACE, "abc")
    assert what[-2] in str(refused.value)
    Run.resume(tmp_path / "run", SPACE, "abc", accept=True).close()
    again = Run.resume(tmp_path / "run", SPACE, "abc")
    (change,) = again.about["changes"]
    assert change["evaluations"] >= 60 and what[-2] in change["what"][0]


def test_another_machine_is_said_and_gone_on_with(tmp_path, caplog):
    fitted(tmp_path / "run")
    changed(tmp_path / "run", "machine", "blas kernels", "Z80")
    Run.resume(tmp_path / "run", SPACE, "abc").close()
    assert "blas kernels was Z80" in caplog.text
    caplog.clear()
    Run.resume(tmp_path / "run", SPACE, "abc").close()
    assert caplog.text == ""


def test_other_answers_are_refused_or_noted(tmp_path):
    run = start(tmp_path / "run")
    with Pool(problem=Inequalities(seed=4)) as pool:
        run.vouch(pool.problem)
        run.vouch(pool.problem)
    with pytest.raises(UserError, match="other margins"):
        run.vouch(Inequalities(seed=4, bend=0.51))
    run.vouch(Inequalities(seed=4, bend=0.51), accept=True)
    assert "other margins" in run.about["changes"][0]["what"][0]
