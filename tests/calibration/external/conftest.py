"""A small model with a known course: A decays at k, B is made from it; time in minutes."""

from __future__ import annotations

import pytest

from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.kinetic_model import KineticModel
from models.readers.net import read_net

NET = """
begin parameters
    1 k     0.1
    2 A0    100
    3 half  A0/2
    4 drug  0
end parameters
begin functions
    1 rate() k/(1+drug)
    2 share() B_obs/A0
end functions
begin species
    1 A(s~x) A0
    2 B() 0
end species
begin reactions
    1 1 2 rate
end reactions
begin groups
    1 A_obs 1
    2 B_obs 2
end groups
"""

FREE = TextFile(
    "free.toml",
    """
format = "free/1"
time = "min"
[solver]
rtol = 1e-8
atol = 1e-8
[free.k]
guess = 0.1
sd = 0.5
""",
)

ARMS = """
format = "findings/1"
[arm.plain]
until = 20
steps = 20
[arm.drugged]
set = { drug = 9 }
until = 20
steps = 20
"""


def read(text: str) -> KineticModel:
    """A network that is right."""
    problems = Mistakes("test.net")
    made = read_net(text, problems)
    assert made is not None, problems.found
    return made


@pytest.fixture(scope="session")
def net() -> str:
    return NET


@pytest.fixture(scope="session")
def decay() -> KineticModel:
    return read(NET)


@pytest.fixture(scope="session")
def free() -> TextFile:
    return FREE


@pytest.fixture(scope="session")
def arms_text() -> TextFile:
    return TextFile("arms.toml", ARMS)
