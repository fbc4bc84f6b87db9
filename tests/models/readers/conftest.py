"""The small model with a known course, as the tests of what is fitted to it use it."""

from tests.calibration.external.conftest import decay, net

__all__ = ["decay", "net"]
