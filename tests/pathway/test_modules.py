"""Each module builds alone, nothing in the whole is dead, and its size is known."""

import csv
import re
from pathlib import Path

import pytest
from pysb.bng import generate_network

from models.assemble import build
from models.network import network_text
from pathway import MODULES, VARIANTS

SIZES = Path(__file__).parent / "sizes.csv"
BINDS = {"jak_stat": ["irs1"], "grb10": ["receptors"]}
"""Modules whose binding rules name a molecule of another module."""


def block(net, name):
    match = re.search(rf"begin {name}\n(.*?)end {name}", net, re.S)
    return [line.split("#")[0].split() for line in match.group(1).strip().splitlines()] if match else []


def species(pattern, net):
    return sum(bool(re.search(rf"\b{pattern}\(", row[1])) for row in block(net, "species"))


@pytest.mark.parametrize("module", [m for m in MODULES if m != "growth"])
def test_each_module_builds_alone(module):
    """All but the growth read-out, which has no molecules of its own."""
    built = build(modules=[*BINDS.get(module, []), module])
    net = generate_network(built.model)
    assert block(net, "reactions")


@pytest.mark.parametrize(
    ("question", "answer"), [(q, a) for q, answers in VARIANTS.items() for a in answers[1:]]
)
def test_each_hypothesis_builds(question, answer):
    built = build({question: answer})
    assert built.variants[question] == answer
    assert len(built.rates) > 150


def test_size_is_pinned_per_module():
    """Growth of the network is seen in review: change sizes.csv with the module."""
    net = network_text(build().model)
    built = build()
    found = {}
    for module in MODULES:
        mine = [m for m, home in built.monomer_module.items() if home == module]
        rules = {r for r, note in built.rules.items() if note.module == module}
        names = re.findall(r"#(\S+)", re.search(r"begin reactions\n(.*?)end reactions", net, re.S).group(1))
        reactions = sum(any(n.removeprefix("_reverse_") in rules for n in name.split(",")) for name in names)
        own = sum(any(re.search(rf"(^|\.){m}\(", row[1]) for m in mine) for row in block(net, "species"))
        found[module] = (own, reactions, len(rules))
    pinned = {
        row["module"]: tuple(int(row[k]) for k in ("species", "reactions", "rules"))
        for row in csv.DictReader(SIZES.read_text().splitlines())
    }
    assert found == pinned
    assert len(block(net, "species")) <= 300
    assert len(block(net, "reactions")) <= 1000


def test_no_parameter_is_unused():
    model = build().model
    used = {p.name for p in model.parameters_initial_conditions()} | {
        p.name for p in model.parameters_rules()
    }
    used |= {p.name for e in model.expressions for p in e.expand_expr().free_symbols}
    assert {p.name for p in model.parameters} <= used


def test_every_rule_has_evidence_and_every_rate_a_source():
    built = build()
    assert {r.name for r in built.model.rules} == set(built.rules)
    assert all(len(note.evidence) > 5 for note in built.rules.values())
    assert all(
        len(rate.source) > 4 and rate.guess > 0 and 0 < rate.sd <= 0.5 for rate in built.rates.values()
    )


def test_no_rule_is_dead_and_every_species_is_reached():
    net = network_text(build().model)
    fired = set()
    for name in re.findall(r"#(\S+)", re.search(r"begin reactions\n(.*?)end reactions", net, re.S).group(1)):
        fired |= {n.removeprefix("_reverse_") for n in name.split(",")}
    assert {r.name for r in build().model.rules} == fired
