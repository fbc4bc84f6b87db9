"""A published model whose verdicts can be worked out by hand, and a mapping for it; time in minutes.

An input phosphorylates A, S6K takes the phosphate off, mTORC1 turns S6K on by a local constant; at rest

    S = 100 m / (1 + m)             m: what is left of mTORC1
    A = 100 i / (i + 1 + S / 10)    i: the input
"""

from __future__ import annotations

from typing import Any

import libsbml

OBSERVABLES = ("pAKT_T308", "pAKT_S473", "tAKT", "pS6K_T389", "pERK")

MAPPING = """
format = "mapping/1"
title = "Toy"
model = "toy"
says = "A toy."
source = { citation = "nobody" }
time = "min"
span = "2 h"
contexts = "any"
ignores = ["PIK3CA", "RAS", "RB1", "INPP4B"]

[observable]
pAKT_T308 = "A_p"
pAKT_S473 = "2 * (A_p + 0 * A) / cell"
tAKT = "A + A_p"
pS6K_T389 = "S_p"

[medium.serum]
growth = 7

[medium.serum_low]
growth = 1

[medium.serum_free]
growth = 0.1

[ligand.insulin]
growth = 0.01

[drug.MK-2206]
blocker = 0.5

[[activity]]
of = ["FKBP12"]
turns = ["mTORC1 on S6K"]

[[activity]]
of = ["MTORC1"]
turns = ["mTORC1 on S6K"]

[[activity]]
of = ["PIK3CA", "PIK3CB"]
turns = ["k_on"]

[[activity]]
of = ["S6K"]
turns = ["strength"]

[gene.AKT]
turns = ["A", "A_p"]
"T308A" = ["on"]

[gene.RPS6KB1]
turns = ["S", "S_p"]

[gene.PTEN]
turns = ["off"]
"""


def toy() -> Any:
    """The document."""
    document = libsbml.SBMLDocument(2, 4)
    model = document.createModel()
    model.setId("toy")
    cell = model.createCompartment()
    cell.setId("cell")
    cell.setSize(2.0)
    for name, amount in (("A", 100.0), ("A_p", 0.0), ("S", 100.0), ("S_p", 0.0)):
        species = model.createSpecies()
        species.setId(name)
        species.setName({"S": "twin", "S_p": "twin"}.get(name, f"{name} of the toy"))
        species.setCompartment("cell")
        species.setInitialAmount(amount)
        species.setHasOnlySubstanceUnits(True)
    for name, value in (("k_on", 1.0), ("growth", 0.0), ("blocker", 0.0), ("strength", 0.0), ("base", 0.05)):
        parameter = model.createParameter()
        parameter.setId(name)
        parameter.setValue(value)
        parameter.setConstant(name not in ("growth", "strength"))
    # an input that the file itself switches on at time 0, and a constant that is worked out
    rule = model.createAssignmentRule()
    rule.setVariable("growth")
    rule.setMath(libsbml.parseL3Formula("piecewise(0, time < 0, 7)"))
    rule = model.createAssignmentRule()
    rule.setVariable("strength")
    rule.setMath(libsbml.parseL3Formula("2 * base"))
    for name, called, left, right, law, local in (
        ("on", "on", "A", "A_p", "k_on * growth * A / (1 + blocker)", None),
        ("off", "off", "A_p", "A", "A_p * (1 + strength * S_p)", None),
        ("s_on", "mTORC1 on S6K", "S", "S_p", "k * S", 1.0),
        ("s_off", "s_off", "S_p", "S", "k * S_p", 1.0),
    ):
        reaction = model.createReaction()
        reaction.setId(name)
        reaction.setName(called)
        reaction.setReversible(False)
        for side, make in ((left, reaction.createReactant), (right, reaction.createProduct)):
            make().setSpecies(side)
        for other in {"S_p"} - {left, right} if "S_p" in law else set():
            reaction.createModifier().setSpecies(other)
        kinetics = reaction.createKineticLaw()
        kinetics.setMath(libsbml.parseL3Formula(law))
        if local is not None:
            constant = kinetics.createParameter()
            constant.setId("k")
            constant.setValue(local)
    event = model.createEvent()
    event.setId("pulse")
    event.createTrigger().setMath(libsbml.parseL3Formula("time > 5"))
    change = event.createEventAssignment()
    change.setVariable("A")
    change.setMath(libsbml.parseL3Formula("0"))
    return document


def resting(growth: float = 7.0, mtorc1: float = 1.0, on: float = 1.0) -> float:
    """A_p at rest."""
    i, s = growth * on, 100.0 * mtorc1 / (1.0 + mtorc1)
    return 100.0 * i / (i + 1.0 + s / 10.0)
