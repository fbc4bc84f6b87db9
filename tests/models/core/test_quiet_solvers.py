"""Solvers' talk stays off stdout and stderr, in every nesting and from every thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import models
from models.core.quiet_solvers import quiet, terminal

ROOT = Path(models.__file__).parents[1]

FAILING = r"""
import json, sys
from models.simulation.engine import Engine, Failure
net = '''begin parameters
1 k 1
end parameters
begin functions
1 f() k*A^3
end functions
begin species
1 A() k
end species
begin reactions
1 1 1,1 f
end reactions
begin groups
1 A 1
end groups
'''
compiled = sys.argv[1] == "compiled"
engine = Engine(net, compiled or False)
print(json.dumps({"before": 1}), flush=True)
print("held back by python until the end")
run = engine.run(engine.initial(), [0.0, 100.0], 1e-6, 1e-8)
assert isinstance(run, Failure), run
print(json.dumps({"reason": run.reason}))
print("talk", file=sys.stderr)
"""


@pytest.mark.parametrize("how", ["compiled", "interpreted"])
def test_json_stays_valid_while_integrations_fail(how: str, own_cache: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING, how], capture_output=True, text=True, cwd=ROOT, check=True
    )
    first, second, last = done.stdout.splitlines()
    assert json.loads(first) == {"before": 1}
    assert second == "held back by python until the end"
    assert json.loads(last)["reason"]
    assert done.stderr == "talk\n"


def test_both_descriptors_are_kept_and_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet() as talk:
        os.write(1, b"one ")
        os.write(2, b"two")
    os.write(1, b"out")
    os.write(2, b"err")
    assert talk.text == "one two"
    assert capfd.readouterr() == ("out", "err")


def test_blocks_nest(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet() as outer:
        os.write(1, b"a")
        with quiet() as inner:
            os.write(2, b"b")
        os.write(1, b"c")
    assert (inner.text, outer.text) == ("b", "abc")
    with quiet() as later:
        pass
    assert later.text == ""
    assert capfd.readouterr() == ("", "")


def test_given_back_after_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), quiet():
        raise KeyError
    os.write(1, b"heard")
    assert capfd.readouterr().out == "heard"


def test_threads_share_one_capture(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        for _ in range(50):
            with quiet():
                os.write(1, b"x")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(1, b"end")
    assert capfd.readouterr().out == "end"


def test_progress_still_reaches_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    stream = terminal()
    with quiet() as talk:
        print("12 %", file=stream, flush=True)
    stream.close()
    assert talk.text == ""
    assert capfd.readouterr().err == "12 %\n"


def test_much_talk_is_cut(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet() as talk:
        for _ in range(100):
            os.write(2, b"y" * 1000)
    assert len(talk.text) == 20_000


def test_a_forked_child_has_its_own_capture(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(1, b"parent")
    child = os.fork()
    if child == 0:
        with quiet() as talk:
            os.write(1, b"child")
        os._exit(0 if talk.text == "child" else 1)
    assert os.waitpid(child, 0)[1] == 0
