"""Ids follow from what a thing is: not from the order in which it is written, nor from what else there is."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.assemble import build
from models.export.ids import dose_id, molecules, reaction_ids, rule_names, sid, species_id
from models.network import network_text
from models.simulation.network_reduction import parse

Listed = list[tuple[str, tuple[str, ...], tuple[str, ...]]]


@cache
def reactions_of(sin1: str = "s6k_inhibits") -> Listed:
    network = parse(network_text(build({"sin1": sin1}).model))
    return listed_with([species_id(pattern) for pattern, _ in network.species], sin1)


def listed_with(ids: list[str], sin1: str = "s6k_inhibits") -> Listed:
    """The reactions of the model, its species called so."""
    text = network_text(build({"sin1": sin1}).model)
    network = parse(text)
    return [
        (rule, tuple(ids[s] for s in r.reactants), tuple(ids[s] for s in r.products))
        for rule, r in zip(rule_names(text), network.reactions, strict=True)
    ]


def test_they_are_readable():
    assert species_id("AKT(T308~p,S473~u,loc~mem)") == "AKT__S473_u__T308_p__loc_mem"
    assert species_id("GRB10(r!1).INSR(Y~p,g!1)") == "GRB10__r_b1__with__INSR__Y_p__g_b1"
    assert species_id("SOCS()") == "SOCS" and species_id("MTORC1(f)") == "MTORC1__f_free"
    assert dose_id("MK-2206") == "MK_2206_nM" and sid("4-OHT") == "_4_OHT"


def test_all_ids_of_the_model_differ():
    listed = reactions_of()
    species = {name for _, left, right in listed for name in left + right}
    ids = reaction_ids(listed)
    assert len(set(ids) | species) == len(ids) + len(species)


def test_ends_of_a_dimer_are_alike():
    one, other = "STAT5(Y~p,d!1).STAT5(Y~u,d!1)", "STAT5(d!7,Y~u).STAT5(Y~p,d!7)"
    assert species_id(one) == species_id(other) == "STAT5__Y_p__d_b1__with__STAT5__Y_u__d_b1"


SITES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["~u", "~p", ""])),
    unique_by=lambda s: s[0],
    max_size=3,
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), SITES), min_size=2, max_size=4), st.randoms())
def test_the_way_of_writing_does_not_matter(parts, random):
    """A chain of molecules, with sites, molecules and bond numbers shuffled."""

    def written(order: list[int], labels: list[str]) -> str:
        texts = []
        for i in order:
            name, sites = parts[i]
            bonds = [f"l!{labels[i - 1]}"] if i else []
            bonds += [f"r!{labels[i]}"] if i + 1 < len(parts) else []
            listed = [site + state for site, state in sites] + bonds
            random.shuffle(listed)
            texts.append(f"{name}({','.join(listed)})")
        return ".".join(texts)

    order, labels = list(range(len(parts))), [str(i + 1) for i in range(len(parts))]
    plain = species_id(written(order, labels))
    random.shuffle(order)
    random.shuffle(labels)
    assert species_id(written(order, labels)) == plain


@settings(deadline=None)
@given(st.data())
def test_a_rule_more_or_less_changes_no_other_id(data):
    listed = reactions_of()
    rule = data.draw(st.sampled_from(sorted({rule for rule, _, _ in listed})))
    fewer = [reaction for reaction in listed if reaction[0] != rule]
    whole = dict(zip(listed, reaction_ids(listed), strict=True))
    assert reaction_ids(fewer) == tuple(whole[reaction] for reaction in fewer)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_a_site_more_changes_the_ids_of_its_monomer_only(data):
    patterns = [pattern for pattern, _ in parse(network_text(build({}).model)).species]
    monomers = sorted({m.name for pattern in patterns for m in molecules(pattern)})
    monomer = data.draw(st.sampled_from(monomers))
    site = data.draw(st.sampled_from(["A1~u", "new~p", "zz"]))
    wider = [
        re.sub(rf"\b{monomer}\((?=([^)]*))", lambda m: f"{m[0]}{site}{',' * bool(m[1])}", p) for p in patterns
    ]
    before, after = [species_id(p) for p in patterns], [species_id(p) for p in wider]
    own = [monomer in (m.name for m in molecules(p)) for p in patterns]
    assert [a != b for a, b in zip(before, after, strict=True)] == own and len(set(after)) == len(after)
    named = zip(
        reaction_ids(listed_with(before)), reaction_ids(listed_with(after)), listed_with(before), strict=True
    )
    touched = {name for name, its in zip(before, own, strict=True) if its}
    assert all(a == b for a, b, (_, left, right) in named if not touched & {*left, *right})


def test_another_hypothesis_keeps_the_ids_of_what_both_have():
    one, other = reactions_of(), reactions_of("akt_activates")
    ids = dict(zip(one, reaction_ids(one), strict=True))
    also = dict(zip(other, reaction_ids(other), strict=True))
    both = ids.keys() & also.keys()
    assert len(both) > 200 and all(ids[reaction] == also[reaction] for reaction in both)


@pytest.mark.parametrize("text", ["", "AKT", "AKT(", "AKT(a~)", "AKT(a!!)"])
def test_what_is_no_species_is_refused(text: str):
    with pytest.raises(ValueError, match="not a"):
        species_id(text)
