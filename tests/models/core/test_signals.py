"""SIGINT and SIGTERM stop, whatever the shell had set, and nothing is cut in two."""

from __future__ import annotations

import os
import signal

import pytest

from models.core.signals import held, stoppable, terminated


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("before", [signal.SIG_IGN, signal.default_int_handler])
def test_a_signal_interrupts_and_handlers_are_given_back(number: int, before: object):
    old = signal.signal(signal.SIGINT, before)  # type: ignore[arg-type]
    try:
        with pytest.raises(KeyboardInterrupt), stoppable():
            os.kill(os.getpid(), number)
        assert signal.getsignal(signal.SIGINT) is before
        assert terminated() == (number == signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, old)


def test_what_is_held_is_finished_first():
    done = []
    with pytest.raises(KeyboardInterrupt), stoppable():
        with held():
            with held():
                os.kill(os.getpid(), signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("never")
    assert done == ["inner", "outer"]


def test_who_asks_twice_is_not_kept_waiting():
    done = []
    with pytest.raises(KeyboardInterrupt), stoppable(), held():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("once")
        os.kill(os.getpid(), signal.SIGINT)
        done.append("twice")
    assert done == ["once"]
    with held():
        done.append("nothing is left waiting")
    assert len(done) == 2
