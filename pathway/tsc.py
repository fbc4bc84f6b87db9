"""TSC is the brake on Rheb; AKT and CDK4/6 phosphorylate TSC2 and so release it.

In: AKT activity, cyclin D-CDK4/6. Out: Rheb-GTP.

CDK4/6 phosphorylates TSC2 and *inhibits the inhibitor*: a CDK4/6 inhibitor lowers mTORC1 (Goel 2016). The sentence of
Bergholz & Zhao 2021 that says the opposite is a sign error; see docs/adr/0005-cdk46-tsc2-sign.md.
*Left out*: TSC1 and TBC1D7 as partners, AMPK, ERK/RSK sites, amino acids, localisation (14-3-3, lysosome).
"""

from pathway.builder import ModelBuilder


def molecules(model: ModelBuilder) -> None:
    tsc = model.Monomer(
        "TSC",
        ["T1462", "S1217"],
        {"T1462": ["u", "p"], "S1217": ["u", "p"]},
        uniprot="P49815 Q92574 Q9P0N9",
        predicate="hasPart",
    )
    rheb = model.Monomer("RHEB", ["n"], {"n": ["gdp", "gtp"]}, uniprot="Q15382")
    copies = model.Parameter("TSC_copies", 2e3, unit="copies/cell", description="TSC1/TSC2/TBC1D7 complexes")
    model.Initial(tsc(T1462="u", S1217="u"), copies)
    copies = model.Parameter("RHEB_copies", 3.3e5, unit="copies/cell", description="Rheb")
    model.Initial(rheb(n="gdp"), copies)
    model.Observable("pTSC2_T1462", tsc(T1462="p"), "TSC2, AKT sites")
    model.Observable("pTSC2_S1217", tsc(S1217="p"), "TSC2, CDK4/6 sites")
    model.Observable("tTSC2", tsc(), "TSC2, total")
    model.Observable("RHEB_GTP", rheb(n="gtp"), "Rheb-GTP")
    model.Observable("TSC_uu", tsc(T1462="u", S1217="u"))
    model.Observable("TSC_up", tsc(T1462="u", S1217="p"))
    model.Observable("TSC_pu", tsc(T1462="p", S1217="u"))
    model.Observable("TSC_pp", tsc(T1462="p", S1217="p"))


def activities(model: ModelBuilder) -> None:
    akt = model.Parameter(
        "tsc_t1462p_gap_x", 0.25, prior=0.2, source="guess: each phosphate leaves about 0.3"
    )
    cdk = model.Parameter(
        "tsc_s1217p_gap_x", 0.25, prior=0.2, source="guess: each phosphate leaves about 0.3"
    )
    model.Expression(
        "aTSC",
        model["TSC_uu"] + akt * model["TSC_pu"] + cdk * model["TSC_up"] + akt * cdk * model["TSC_pp"],
    )
    model.Expression(
        "pTSC2",
        model["pTSC2_T1462"] + model["pTSC2_S1217"],
        "TSC2, phosphates on AKT and CDK4/6 sites together",
    )


def rules(model: ModelBuilder) -> None:
    tsc, rheb = model.monomers["TSC"], model.monomers["RHEB"]
    akt_site = model.Parameter(
        "TSC2_T1462_intact", 1.0, unit="1", description="1 = wild type, 0 = TSC2 without the AKT sites"
    )
    cdk_site = model.Parameter(
        "TSC2_S1217_intact", 1.0, unit="1", description="1 = wild type, 0 = TSC2 without the CDK4/6 sites"
    )
    akt = model.needs("aAKT", 1.5e4)
    phosphorylate = model.Parameter(
        "akt_phosphorylates_tsc2_t1462_kact", 1.5e-7, prior=0.3, source="guess: near 1e6 /M/s"
    )
    model.catalyze_one_step(
        "akt_phosphorylates_tsc2_t1462",
        akt * akt_site,
        tsc(T1462="u"),
        tsc(T1462="p"),
        phosphorylate,
        evidence="Inoki 2002 Nat Cell Biol 4:648, Manning 2002 Mol Cell 10:151",
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_tsc2_t1462_kcat", 2.8e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "pp_dephosphorylates_tsc2_t1462",
        tsc(T1462="p") >> tsc(T1462="u"),
        dephosphorylate,
        evidence="general knowledge",
    )
    cdk46 = model.needs("aCDK46", 5e3)
    phosphorylate = model.Parameter(
        "cdk46_phosphorylates_tsc2_s1217_kact",
        2e-7,
        prior=0.4,
        source="guess: half of TSC2 at 2.5e4 active CDK4/6",
    )
    model.catalyze_one_step(
        "cdk46_phosphorylates_tsc2_s1217",
        cdk46 * cdk_site,
        tsc(S1217="u"),
        tsc(S1217="p"),
        phosphorylate,
        evidence="Goel 2016 Cancer Cell 29:255; Romero-Pozuelo 2020 Cell Rep 31:107504",
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_tsc2_s1217_kcat", 1.4e-3, prior=0.3, source="guess: ten minutes"
    )
    model.Rule(
        "pp_dephosphorylates_tsc2_s1217",
        tsc(S1217="p") >> tsc(S1217="u"),
        dephosphorylate,
        evidence="general knowledge",
    )
    hydrolyse = model.Parameter(
        "tsc_switches_rheb_off_kact",
        6e-6,
        prior=0.4,
        source="guess: 45/h with all TSC on, from a trial fit",
    )
    model.catalyze_one_step(
        "tsc_switches_rheb_off",
        model["aTSC"],
        rheb(n="gtp"),
        rheb(n="gdp"),
        hydrolyse,
        evidence="TSC2 is the GAP of Rheb; Inoki 2003 Genes Dev 17:1829",
    )
    exchange = model.Parameter("rheb_loads_gtp_kcat", 7e-4, prior=0.3, source="guess, from a trial fit")
    model.Rule("rheb_loads_gtp", rheb(n="gdp") >> rheb(n="gtp"), exchange, evidence="general knowledge")
