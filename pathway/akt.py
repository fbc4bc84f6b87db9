"""AKT docks to PIP3, PDK1 phosphorylates T308 there and mTORC2 S473; S473 protects T308.

In: PIP3, mTORC2 activity, drugs. Out: AKT activity to TSC2/PRAS40/GSK3 (`aAKT`) and to FOXO (`aAKT_FOXO`).

Full activity needs both phosphates; T308 alone gives a share that depends on the substrate (Jacinto 2006: FOXO needs
S473, TSC2 and GSK3 hardly). Allosteric inhibitors keep AKT off the membrane; ATP-competitive ones block the kinase but
shield both phosphates, so that T308 and S473 rise (Okuzumi 2009).
*Left out*: AKT isoforms, T450, PHLPP and PP2A as species.
"""

DOCKS = "AKT binds PIP3 at the membrane; Bergholz & Zhao 2021"
SHIELD = "ATP-competitive inhibitors shield T308 and S473; Okuzumi 2009 Nat Chem Biol 5:484"


def molecules(d):
    d.monomer("AKT", "P31749 P31751 Q9Y243", loc="cyt mem", T308="u p", S473="u p", drug="none allo atp")
    akt = d["AKT"]
    d.start(akt(loc="cyt", T308="u", S473="u", drug="none"), d.copies("AKT", 1.5e5, "AKT1, AKT2, AKT3"))
    d.copies("PDPK1", 3.7e4, "PDK1")
    d.see("pAKT_T308", akt(T308="p"), "AKT T308")
    d.see("pAKT_S473", akt(S473="p"), "AKT S473")
    d.see("tAKT", akt(), "AKT, total")
    d.count("AKT_T308_only", akt(T308="p", S473="u", drug="none"))
    d.count("AKT_both", akt(T308="p", S473="p", drug="none"))


def activities(d):
    general = d.rate("akt_t308_alone_on_tsc_pras40_gsk3_x", (0.5, 0.15, "0.2-1; Jacinto 2006 Cell 127:125"))
    foxo = d.rate("akt_t308_alone_on_foxo_x", (0.1, 0.25, "0.03-0.4; Jacinto 2006, Guertin 2006"))
    d.let("aAKT", d["AKT_both"] + general * d["AKT_T308_only"], "AKT activity to TSC2, PRAS40, GSK3")
    d.let("aAKT_FOXO", d["AKT_both"] + foxo * d["AKT_T308_only"], "AKT activity to FOXO")


def rules(d):
    akt = d["AKT"]
    t308 = d.setting("AKT_T308_intact", 1.0, "1", "1 = wild type, 0 = T308A")
    s473 = d.setting("AKT_S473_intact", 1.0, "1", "1 = wild type, 0 = S473A")
    dock = d.rate("akt_docks_kact", (5e-8, 0.3, "guess: a few per cent of AKT docked in serum"))
    onto = d.let("akt_docks_rate", dock * d.needs("PIP3", 1e5))
    for state in ("none", "atp"):
        d.rule(
            f"akt_{state}_docks", akt(loc="cyt", drug=state) >> akt(loc="mem", drug=state), onto, why=DOCKS
        )
    d.convert(
        "akt_undocks",
        akt(loc="mem") >> akt(loc="cyt"),
        (0.17, 0.3, "guess: seconds, from a trial fit"),
        why=DOCKS,
    )
    # PDK1: faster on AKT with S473, which also slows T308's loss (their product is near 10 in S22)
    pdk1 = d["PDPK1_copies"] * d.inhibited("PDPK1") * t308
    faster = d.rate(
        "akt_s473p_helps_pdk1_x", (5.0, 0.25, "guess: product with the protection near 10-15, trial fits")
    )
    slower = d.rate(
        "akt_s473p_protects_t308_x", (4.0, 0.2, "guess: product with the help near 10-15, trial fits")
    )
    k = d.catalyse(
        "pdk1_phosphorylates_akt_t308",
        akt(loc="mem", T308="u", S473="p") >> akt(loc="mem", T308="p", S473="p"),
        pdk1,
        (2e-6, 0.4, "guess: 0.07/s on docked AKT with S473"),
        why="PDK1 phosphorylates docked AKT; Alessi 1997 Curr Biol 7:261",
    )
    d.catalyse(
        "pdk1_phosphorylates_akt_t308_without_s473",
        akt(loc="mem", T308="u", S473="u") >> akt(loc="mem", T308="p", S473="u"),
        pdk1,
        k,
        times=1 / faster,
        why="PDK1 docks on S473-phosphorylated AKT; dip in Rodrik-Outmezguine 2011 Cancer Discov 1:248",
    )
    shield = d.rate("akt_atp_drug_shields_x", (0.1, 0.2, "guess: tenfold; Okuzumi 2009"))
    k = d.rate(
        "pp2a_dephosphorylates_akt_t308_kcat",
        (5.5e-3, 0.25, "1-5 min after PI3K inhibition; general knowledge"),
    )
    bare = d.let("pp2a_dephosphorylates_akt_t308_without_s473_rate", k * slower)
    fast, slow = (
        d.let("pp2a_shielded_rate", k * shield),
        d.let("pp2a_shielded_without_s473_rate", k * slower * shield),
    )
    for drug, with_s, without_s in (("none", k, bare), ("allo", k, bare), ("atp", fast, slow)):
        why = SHIELD if drug == "atp" else "T308 is lost within minutes of PI3K inhibition; general knowledge"
        for s, law in (("p", with_s), ("u", without_s)):
            here = {"S473": s, "drug": drug}
            d.rule(
                f"pp2a_dephosphorylates_akt_t308_{drug}_s473{s}",
                akt(T308="p", **here) >> akt(T308="u", **here),
                law,
                why=why,
            )
    d.catalyse(
        "mtorc2_phosphorylates_akt_s473",
        akt(loc="mem", S473="u") >> akt(loc="mem", S473="p"),
        d.needs("aMTORC2", 3e3),
        (4e-6, 0.4, "guess: 80/h with all mTORC2 on, from a trial fit"),
        times=s473,
        why="mTORC2 is the S473 kinase; Sarbassov 2005 Science 307:1098",
    )
    k = d.rate(
        "phlpp_dephosphorylates_akt_s473_kcat",
        (2.2e-3, 0.25, "5-15 min after PI3K inhibition; general knowledge"),
    )
    kept = d.let("phlpp_shielded_rate", k * shield)
    for drug, law in (("none", k), ("allo", k), ("atp", kept)):
        why = SHIELD if drug == "atp" else "S473 is lost within minutes; general knowledge"
        d.rule(
            f"phlpp_dephosphorylates_akt_s473_{drug}",
            akt(S473="p", drug=drug) >> akt(S473="u", drug=drug),
            law,
            why=why,
        )
    # drugs: on at koff x dose/K, so that the occupancy is set by the catalogue's K
    for drug, where, guess in (
        ("allo", {"loc": "cyt"}, (3e-3, 0.2, "guess: minutes")),
        ("atp", {}, (0.01, 0.2, "guess: a minute")),
    ):
        target = {"allo": "AKT_allosteric", "atp": "AKT_ATP"}[drug]
        load = d.setting(f"load_{target}", 0.0, "1", f"sum over drugs of dose/K, {drug} site of AKT")
        off = d.rate(f"akt_releases_{drug}_kr", guess)
        d.rule(
            f"akt_binds_{drug}",
            akt(drug="none", **where) | akt(drug=drug, **where),
            d.let(f"akt_binds_{drug}_rate", off * load),
            off,
            why="MK-2206 needs the PH domain and keeps AKT in the cytosol; Hirai 2010 Mol Cancer Ther 9:1956"
            if drug == "allo"
            else SHIELD,
        )
