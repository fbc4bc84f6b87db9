"""TSC is the brake on Rheb; AKT and CDK4/6 phosphorylate TSC2 and so release it.

In: AKT activity, cyclin D-CDK4/6. Out: Rheb-GTP.

CDK4/6 phosphorylates TSC2 and *inhibits the inhibitor*: a CDK4/6 inhibitor lowers mTORC1 (Goel 2016). The sentence of
Bergholz & Zhao 2021 that says the opposite is a sign error; see docs/adr/0005-cdk46-tsc2-sign.md.
*Left out*: TSC1 and TBC1D7 as partners, AMPK, ERK/RSK sites, amino acids, localisation (14-3-3, lysosome).
"""


def molecules(d):
    d.monomer("TSC", "P49815 Q92574 Q9P0N9", T1462="u p", S1217="u p")
    d.monomer("RHEB", "Q15382", n="gdp gtp")
    tsc, rheb = d["TSC"], d["RHEB"]
    d.start(tsc(T1462="u", S1217="u"), d.copies("TSC", 2e3, "TSC1/TSC2/TBC1D7 complexes"))
    d.start(rheb(n="gdp"), d.copies("RHEB", 3.3e5, "Rheb"))
    d.see("pTSC2_T1462", tsc(T1462="p"), "TSC2, AKT sites")
    d.see("pTSC2_S1217", tsc(S1217="p"), "TSC2, CDK4/6 sites")
    d.see("tTSC2", tsc(), "TSC2, total")
    d.see("RHEB_GTP", rheb(n="gtp"), "Rheb-GTP")
    for a in "up":
        for c in "up":
            d.count(f"TSC_{a}{c}", tsc(T1462=a, S1217=c))


def activities(d):
    akt = d.rate("tsc_t1462p_gap_x", (0.25, 0.2, "guess: each phosphate leaves about 0.3"))
    cdk = d.rate("tsc_s1217p_gap_x", (0.25, 0.2, "guess: each phosphate leaves about 0.3"))
    d.let("aTSC", d["TSC_uu"] + akt * d["TSC_pu"] + cdk * d["TSC_up"] + akt * cdk * d["TSC_pp"])
    d.let("pTSC2", d["pTSC2_T1462"] + d["pTSC2_S1217"], "TSC2, phosphates on AKT and CDK4/6 sites together")


def rules(d):
    tsc, rheb = d["TSC"], d["RHEB"]
    akt_site = d.setting("TSC2_T1462_intact", 1.0, "1", "1 = wild type, 0 = TSC2 without the AKT sites")
    cdk_site = d.setting("TSC2_S1217_intact", 1.0, "1", "1 = wild type, 0 = TSC2 without the CDK4/6 sites")
    d.catalyse(
        "akt_phosphorylates_tsc2_t1462",
        tsc(T1462="u") >> tsc(T1462="p"),
        d.needs("aAKT", 1.5e4),
        (1.5e-7, 0.3, "guess: near 1e6 /M/s"),
        times=akt_site,
        why="Inoki 2002 Nat Cell Biol 4:648, Manning 2002 Mol Cell 10:151",
    )
    d.convert(
        "pp_dephosphorylates_tsc2_t1462",
        tsc(T1462="p") >> tsc(T1462="u"),
        (2.8e-3, 0.3, "guess: minutes"),
        why="general knowledge",
    )
    d.catalyse(
        "cdk46_phosphorylates_tsc2_s1217",
        tsc(S1217="u") >> tsc(S1217="p"),
        d.needs("aCDK46", 5e3),
        (2e-7, 0.4, "guess: half of TSC2 at 2.5e4 active CDK4/6"),
        times=cdk_site,
        why="Goel 2016 Cancer Cell 29:255; Romero-Pozuelo 2020 Cell Rep 31:107504",
    )
    d.convert(
        "pp_dephosphorylates_tsc2_s1217",
        tsc(S1217="p") >> tsc(S1217="u"),
        (1.4e-3, 0.3, "guess: ten minutes"),
        why="general knowledge",
    )
    d.catalyse(
        "tsc_switches_rheb_off",
        rheb(n="gtp") >> rheb(n="gdp"),
        d["aTSC"],
        (6e-6, 0.4, "guess: 45/h with all TSC on, from a trial fit"),
        why="TSC2 is the GAP of Rheb; Inoki 2003 Genes Dev 17:1829",
    )
    d.convert(
        "rheb_loads_gtp",
        rheb(n="gdp") >> rheb(n="gtp"),
        (7e-4, 0.3, "guess, from a trial fit"),
        why="general knowledge",
    )
