"""Annotations: every name in the table is one of the model, every id has its database's form."""

from __future__ import annotations

import re

import pytest

from models.assemble import build
from models.cells.drugs import load_catalogue
from models.cells.media import LIGANDS
from models.export.ids import molecules
from models.export.sbml.annotation import RESOLVER, meaning

FORMS = {
    "uniprot": r"[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d([A-Z][A-Z\d]{2}\d){1,2}",
    "CHEBI": r"\d+",
    "GO": r"\d{7}",
    "CL": r"\d{7}",
    "taxonomy": r"\d+",
    "doi": r"10\.\d{4,9}/\S+",
}


def ids(value) -> list[str]:
    if isinstance(value, dict):
        return [found for part in value.values() for found in ids(part)]
    if isinstance(value, list):
        return [found for part in value for found in ids(part)]
    return [value] if isinstance(value, str) and ":" in value else []


def test_every_id_has_the_form_of_its_database():
    table = {name: part for name, part in meaning().table.items() if name != "format"}
    assert len(ids(table)) > 50
    for found in ids(table):
        database, _, rest = found.partition(":")
        assert re.fullmatch(FORMS[database], rest), found


def test_every_name_is_one_of_the_model():
    table, built, catalogue = meaning().table, build(), load_catalogue()
    assert set(table["drugs"]) <= set(catalogue.names)
    assert set(table["ligands"]) == set(LIGANDS)
    assert set(table["rules"]) <= set(built.rules)
    assert {*table["molecules"], *table["complexes"]["names"]} <= set(built.monomer_module)


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (["AKT(T308~u,loc~mem)"], ["AKT(T308~p,loc~mem)"], "phosphorylation"),
        (["BP(s~p2)"], ["BP(s~p1)"], "dephosphorylation"),
        (["AKT(loc~mem)"], ["AKT(loc~cyt)"], "translocation"),
        (["AKT(drug~none)"], ["AKT(drug~atp)"], "drug binding"),
        (["RAS(n~gdp)"], ["RAS(n~gtp)"], "conversion"),
        (["A(d)", "B(d)"], ["A(d!1).B(d!1)"], "binding"),
        (["A(d!1).B(d!1)"], ["A(d)", "B(d)"], "dissociation"),
        (["A(d!1).B(d!1)"], ["B(d)"], "degradation"),
        (["A_mRNA()"], [], "mRNA decay"),
        (["PtdInsP3()"], [], "removal"),
        ([], ["A_mRNA()"], "transcription"),
        ([], ["A()"], "production"),
    ],
)
def test_what_a_reaction_does_follows_from_its_species(left, right, kind):
    assert meaning().kind("some_rule", [molecules(p) for p in left], [molecules(p) for p in right]) == kind


def test_papers_are_found_in_evidence():
    marks = meaning().reaction("x", "production", "Um 2004 Nature 431:200, Harrington 2004; Nobody 1999")
    assert marks[-1].qualifier == "isDescribedBy"
    assert marks[-1].resources == (
        f"{RESOLVER}doi:10.1038/nature02866",
        f"{RESOLVER}doi:10.1083/jcb.200403069",
    )
