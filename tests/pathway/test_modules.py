"""Each module builds alone, nothing in the whole is dead, and its size is known."""

import ast
import csv
import re
from pathlib import Path

import pytest
from pysb.bng import generate_network

from models.assemble import build
from models.export.sbml.annotation import meaning
from models.network import network_text
from pathway import MODULES, VARIANTS
from pathway.papers import DOIS, dois

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


@pytest.mark.parametrize("module", MODULES)
def test_names_are_written_out(module):
    """A search for a name finds it: no name is put together from parts."""
    path = Path(__file__).parents[2] / "pathway" / f"{module}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]


# --- annotations -------------------------------------------------------------------------------------------
def annotations(name):
    model = build().model
    return [
        (a.predicate, a.object.removeprefix("https://identifiers.org/"))
        for a in model.annotations
        if a.subject.name == name
    ]


@pytest.mark.parametrize(
    ("monomer", "predicate"),
    [("EGFR", "is"), ("AKT", "hasVersion"), ("MTORC2", "hasPart"), ("INSR_mRNA", "encodes")],
)
def test_a_molecule_is_annotated_with_its_accessions(monomer, predicate):
    expected = [(predicate, f"uniprot:{accession}") for accession in build().uniprot[monomer]]
    assert expected and annotations(monomer) == expected


def test_every_molecule_has_an_accession_and_says_the_same_as_our_sbml():
    table, built = meaning().table, build()
    for monomer in built.model.monomers:
        found = annotations(monomer.name)
        assert found, monomer.name
        assert (found[0][0] == "hasPart") == (monomer.name in table["complexes"]["names"])
        assert (found[0][0] == "encodes") == monomer.name.endswith("_mRNA")
        if monomer.name in table["molecules"]:
            assert found == [("is", table["molecules"][monomer.name])]


def test_a_rule_is_annotated_with_the_papers_of_its_evidence():
    built = build()
    assert annotations("s6k_phosphorylates_irs1_s636") == [
        ("isDescribedBy", f"doi:{DOIS['Um 2004']}"),
        ("isDescribedBy", f"doi:{DOIS['Harrington 2004']}"),
    ]
    for rule in built.model.rules:
        assert [object_ for _, object_ in annotations(rule.name)] == [
            f"doi:{doi}" for doi in dois(built.rules[rule.name].evidence)
        ]


def test_dois_have_their_form_and_are_of_papers_that_the_pathway_names():
    text = "".join(
        (Path(__file__).parents[2] / "pathway" / f"{module}.py").read_text(encoding="utf-8")
        for module in MODULES
    )
    for paper, doi in DOIS.items():
        assert re.fullmatch(r"10\.\d{4,9}/\S+", doi), doi
        assert paper in text, paper
