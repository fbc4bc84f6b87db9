"""AKT binds PIP3 at the membrane, where PDK1 phosphorylates T308 and mTORC2 S473; S473 protects T308.

In: PIP3, mTORC2 activity, drugs. Out: AKT activity to TSC2/PRAS40/GSK3 (`aAKT`) and to FOXO (`aAKT_FOXO`).

Full activity needs both phosphates; T308 alone gives a share that depends on the substrate (Jacinto 2006: FOXO needs
S473, TSC2 and GSK3 hardly). Allosteric inhibitors keep AKT off the membrane; ATP-competitive ones block the kinase but
shield both phosphates, so that T308 and S473 rise (Okuzumi 2009).
*Left out*: AKT isoforms, T450, PHLPP and PP2A as species.
"""

from pathway.builder import ModelBuilder

DOCKS = "AKT binds PIP3 at the membrane; Bergholz & Zhao 2021"
SHIELD = "ATP-competitive inhibitors shield T308 and S473; Okuzumi 2009 Nat Chem Biol 5:484"
T308_LOST = "T308 is lost within minutes of PI3K inhibition; general knowledge"
S473_LOST = "S473 is lost within minutes; general knowledge"


def molecules(model: ModelBuilder) -> None:
    akt = model.Monomer(
        "AKT",
        ["loc", "T308", "S473", "drug"],
        {"loc": ["cyt", "mem"], "T308": ["u", "p"], "S473": ["u", "p"], "drug": ["none", "allo", "atp"]},
        uniprot="P31749 P31751 Q9Y243",
    )
    copies = model.Parameter("AKT_copies", 1.5e5, unit="copies/cell", description="AKT1, AKT2, AKT3")
    model.Initial(akt(loc="cyt", T308="u", S473="u", drug="none"), copies)
    model.Parameter("PDPK1_copies", 3.7e4, unit="copies/cell", description="PDK1")
    model.Observable("pAKT_T308", akt(T308="p"), "AKT T308")
    model.Observable("pAKT_S473", akt(S473="p"), "AKT S473")
    model.Observable("tAKT", akt(), "AKT, total")
    model.Observable("AKT_T308_only", akt(T308="p", S473="u", drug="none"))
    model.Observable("AKT_both", akt(T308="p", S473="p", drug="none"))


def activities(model: ModelBuilder) -> None:
    general = model.Parameter(
        "akt_t308_alone_on_tsc_pras40_gsk3_x", 0.5, prior=0.15, source="0.2-1; Jacinto 2006 Cell 127:125"
    )
    foxo = model.Parameter(
        "akt_t308_alone_on_foxo_x", 0.1, prior=0.25, source="0.03-0.4; Jacinto 2006, Guertin 2006"
    )
    both, t308_only = model["AKT_both"], model["AKT_T308_only"]
    model.Expression("aAKT", both + general * t308_only, "AKT activity to TSC2, PRAS40, GSK3")
    model.Expression("aAKT_FOXO", both + foxo * t308_only, "AKT activity to FOXO")


def rules(model: ModelBuilder) -> None:
    akt = model.monomers["AKT"]
    t308 = model.Parameter("AKT_T308_intact", 1.0, unit="1", description="1 = wild type, 0 = T308A")
    s473 = model.Parameter("AKT_S473_intact", 1.0, unit="1", description="1 = wild type, 0 = S473A")

    # to and from the membrane
    dock = model.Parameter(
        "akt_docks_kact", 5e-8, prior=0.3, source="guess: a few per cent of AKT docked in serum"
    )
    docking = model.Expression("akt_docks_rate", dock * model.needs("PIP3", 1e5))
    for name, drug in (("akt_none_docks", "none"), ("akt_atp_docks", "atp")):
        model.Rule(name, akt(loc="cyt", drug=drug) >> akt(loc="mem", drug=drug), docking, evidence=DOCKS)
    undock = model.Parameter("akt_undocks_kcat", 0.17, prior=0.3, source="guess: seconds, from a trial fit")
    model.Rule("akt_undocks", akt(loc="mem") >> akt(loc="cyt"), undock, evidence=DOCKS)

    # PDK1: faster on AKT with S473, which also slows T308's loss (their product is near 10 in S22)
    pdk1 = model["PDPK1_copies"] * model.residual_activity("PDPK1") * t308
    faster = model.Parameter(
        "akt_s473p_helps_pdk1_x",
        5.0,
        prior=0.25,
        source="guess: product with the protection near 10-15, trial fits",
    )
    slower = model.Parameter(
        "akt_s473p_protects_t308_x",
        4.0,
        prior=0.2,
        source="guess: product with the help near 10-15, trial fits",
    )
    phosphorylate = model.Parameter(
        "pdk1_phosphorylates_akt_t308_kact",
        2e-6,
        prior=0.4,
        source="guess: 0.07/s on docked AKT with S473",
    )
    model.catalyze_one_step(
        "pdk1_phosphorylates_akt_t308",
        pdk1,
        akt(loc="mem", T308="u", S473="p"),
        akt(loc="mem", T308="p", S473="p"),
        phosphorylate,
        evidence="PDK1 phosphorylates docked AKT; Alessi 1997 Curr Biol 7:261",
    )
    model.catalyze_one_step(
        "pdk1_phosphorylates_akt_t308_without_s473",
        pdk1,
        akt(loc="mem", T308="u", S473="u"),
        akt(loc="mem", T308="p", S473="u"),
        phosphorylate / faster,
        evidence="PDK1 docks on S473-phosphorylated AKT; dip in Rodrik-Outmezguine 2011 Cancer Discov 1:248",
    )

    # PP2A on T308: slower with S473, slower still under an ATP-competitive drug
    shield = model.Parameter("akt_atp_drug_shields_x", 0.1, prior=0.2, source="guess: tenfold; Okuzumi 2009")
    fast = model.Parameter(
        "pp2a_dephosphorylates_akt_t308_kcat",
        5.5e-3,
        prior=0.25,
        source="1-5 min after PI3K inhibition; general knowledge",
    )
    bare = model.Expression("pp2a_dephosphorylates_akt_t308_without_s473_rate", fast * slower)
    shielded = model.Expression("pp2a_shielded_rate", fast * shield)
    shielded_bare = model.Expression("pp2a_shielded_without_s473_rate", fast * slower * shield)
    for name, drug, s, law, evidence in (
        ("pp2a_dephosphorylates_akt_t308_none_s473p", "none", "p", fast, T308_LOST),
        ("pp2a_dephosphorylates_akt_t308_none_s473u", "none", "u", bare, T308_LOST),
        ("pp2a_dephosphorylates_akt_t308_allo_s473p", "allo", "p", fast, T308_LOST),
        ("pp2a_dephosphorylates_akt_t308_allo_s473u", "allo", "u", bare, T308_LOST),
        ("pp2a_dephosphorylates_akt_t308_atp_s473p", "atp", "p", shielded, SHIELD),
        ("pp2a_dephosphorylates_akt_t308_atp_s473u", "atp", "u", shielded_bare, SHIELD),
    ):
        phosphorylated, bared = akt(T308="p", S473=s, drug=drug), akt(T308="u", S473=s, drug=drug)
        model.Rule(name, phosphorylated >> bared, law, evidence=evidence)

    # S473: mTORC2 and PHLPP
    mtorc2 = model.needs("aMTORC2", 3e3)
    phosphorylate = model.Parameter(
        "mtorc2_phosphorylates_akt_s473_kact",
        4e-6,
        prior=0.4,
        source="guess: 80/h with all mTORC2 on, from a trial fit",
    )
    model.catalyze_one_step(
        "mtorc2_phosphorylates_akt_s473",
        mtorc2 * s473,
        akt(loc="mem", S473="u"),
        akt(loc="mem", S473="p"),
        phosphorylate,
        evidence="mTORC2 is the S473 kinase; Sarbassov 2005 Science 307:1098",
    )
    fast = model.Parameter(
        "phlpp_dephosphorylates_akt_s473_kcat",
        2.2e-3,
        prior=0.25,
        source="5-15 min after PI3K inhibition; general knowledge",
    )
    shielded = model.Expression("phlpp_shielded_rate", fast * shield)
    for name, drug, law, evidence in (
        ("phlpp_dephosphorylates_akt_s473_none", "none", fast, S473_LOST),
        ("phlpp_dephosphorylates_akt_s473_allo", "allo", fast, S473_LOST),
        ("phlpp_dephosphorylates_akt_s473_atp", "atp", shielded, SHIELD),
    ):
        model.Rule(name, akt(S473="p", drug=drug) >> akt(S473="u", drug=drug), law, evidence=evidence)

    # drugs: on at koff x dose/K, so that the occupancy is set by the catalogue's K
    load = model.Parameter(
        "load_AKT_allosteric", 0.0, unit="1", description="sum over drugs of dose/K, allo site of AKT"
    )
    off = model.Parameter("akt_releases_allo_kr", 3e-3, prior=0.2, source="guess: minutes")
    model.equilibrate(
        "akt_binds_allo",
        akt(drug="none", loc="cyt"),
        akt(drug="allo", loc="cyt"),
        off * load,
        off,
        evidence="MK-2206 needs the PH domain and keeps AKT in the cytosol; Hirai 2010 Mol Cancer Ther 9:1956",
    )
    load = model.Parameter(
        "load_AKT_ATP", 0.0, unit="1", description="sum over drugs of dose/K, atp site of AKT"
    )
    off = model.Parameter("akt_releases_atp_kr", 0.01, prior=0.2, source="guess: a minute")
    model.equilibrate("akt_binds_atp", akt(drug="none"), akt(drug="atp"), off * load, off, evidence=SHIELD)
