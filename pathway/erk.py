"""RAS, RAF, MEK, ERK: receptors and PIP3 load RAS; ERK holds itself back through DUSP6 and SPRY.

In: receptors with phosphotyrosine, pY-IRS1, PIP3. Out: pERK.

*Left out*: SOS and GRB2 as molecules, RAF isoforms and dimers, ERK's direct feedback on RAF and SOS (SPRY stands for it).
"""

from pathway.builder import ModelBuilder

FEED = (
    "ERK induces DUSP6 and SPRY, which hold it back; general knowledge (Courtois-Cox 2006 Cancer Cell 10:459)"
)


def molecules(model: ModelBuilder) -> None:
    ras = model.Monomer("RAS", ["n"], {"n": ["gdp", "gtp"]}, uniprot="P01116 P01111 P01112")
    raf = model.Monomer("RAF", ["s"], {"s": ["u", "p"]}, uniprot="P04049 P15056")
    mek = model.Monomer("MEK", ["s"], {"s": ["u", "p"]}, uniprot="Q02750 P36507")
    erk = model.Monomer("ERK", ["Y"], {"Y": ["u", "p"]}, uniprot="P28482 P27361")
    dusp6 = model.Monomer("DUSP6", uniprot="Q16828")
    spry = model.Monomer("SPRY", uniprot="O43597 Q9C004")
    copies = model.Parameter("RAS_copies", 2e5, unit="copies/cell", description="KRAS, NRAS, HRAS")
    model.Initial(ras(n="gdp"), copies)
    copies = model.Parameter("RAF_copies", 3e4, unit="copies/cell", description="BRAF and CRAF")
    model.Initial(raf(s="u"), copies)
    copies = model.Parameter("MEK_copies", 5e5, unit="copies/cell", description="MEK1 and MEK2")
    model.Initial(mek(s="u"), copies)
    copies = model.Parameter("ERK_copies", 8e5, unit="copies/cell", description="ERK1 and ERK2")
    model.Initial(erk(Y="u"), copies)
    model.Parameter("DUSP6_copies", 1e3, unit="copies/cell", description="DUSP6; synthesis scale")
    model.Initial(dusp6(), model.Parameter("DUSP6_start", 100))
    model.Parameter("SPRY_copies", 1e3, unit="copies/cell", description="SPRY; synthesis scale")
    model.Initial(spry(), model.Parameter("SPRY_start", 100))
    model.Observable("RAS_GTP", ras(n="gtp"), "RAS-GTP")
    model.Observable("pRAF", raf(s="p"), "RAF, active")
    model.Observable("pMEK", mek(s="p"), "MEK S217/S221")
    model.Observable("pERK", erk(Y="p"), "ERK T202/Y204")
    model.Observable("tERK", erk(), "ERK, total")
    model.Observable("tDUSP6", dusp6(), "DUSP6, total")
    model.Observable("tSPRY", spry(), "SPRY, total")


def activities(model: ModelBuilder) -> None:
    igf = model.Parameter("insr_igf1r_load_ras_kact", 2e-9, prior=0.4, source="guess: SHC on the receptors")
    irs = model.Parameter("irs1_loads_ras_kact", 3e-8, prior=0.4, source="guess: GRB2-SOS on IRS1")
    egf = model.Parameter("egfr_loads_ras_kact", 5e-9, prior=0.4, source="guess: GRB2-SOS on EGFR")
    her = model.Parameter("her3_loads_ras_kact", 2e-8, prior=0.4, source="guess: SHC on HER2:HER3")
    pdg = model.Parameter("pdgfrb_loads_ras_kact", 5e-9, prior=0.4, source="guess")
    loading = (
        igf * (model.needs("pINSR", 2e3) + model.needs("pIGF1R", 2e3))
        + irs * model.needs("pIRS1_Y", 1e3)
        + egf * model.needs("aEGFR", 3e3)
        + her * model.needs("pHER3", 1e3)
        + pdg * model.needs("pPDGFRB", 1e3)
    )
    if model.variants["pip3_ras"] == "on":
        by_pip3 = model.Parameter(
            "pip3_loads_ras_kact",
            1e-10,
            prior=0.4,
            source="guess: a fast edge, the mechanism is not settled",
        )
        loading = loading + by_pip3 * model.needs("PIP3", 1e5)
    hold = model.Parameter("spry_holds_ras_x", 0.6, prior=0.3, source="guess")
    model.Expression("RAS_loading", loading / (1 + hold * model["tSPRY"] / 1e3))
    faster = model.Parameter(
        "dusp6_dephosphorylates_erk_x",
        1.0,
        prior=0.3,
        source="guess: doubles ERK's phosphatase at its reference amount",
    )
    model.Expression("ERK_phosphatase", 1 + faster * model["tDUSP6"] / 1e3)


def rules(model: ModelBuilder) -> None:
    ras, raf, mek, erk = (model.monomers[name] for name in ("RAS", "RAF", "MEK", "ERK"))
    dusp6, spry = model.monomers["DUSP6"], model.monomers["SPRY"]

    # RAS
    load = ras(n="gdp") >> ras(n="gtp")
    model.Rule(
        "receptors_load_ras",
        load,
        model["RAS_loading"],
        evidence="Receptors load RAS through SOS; PI3K adds a fast edge; Will 2014 Cancer Discov 4:334",
    )
    exchange = model.Parameter(
        "sos_loads_ras_kcat", 1e-5, prior=0.4, source="guess: what is left without receptors"
    )
    model.Rule("sos_loads_ras", load, exchange, evidence="Basal exchange")
    mutant = model.Parameter(
        "KRAS_mutant",
        0.0,
        unit="1",
        description="1 = a RAS (or BRAF) mutation that keeps RAS signalling on",
    )
    exchange = model.Parameter(
        "kras_mutant_stays_loaded_kcat", 2e-4, prior=0.3, source="guess: a tenth of RAS loaded"
    )
    model.Rule(
        "kras_mutant_stays_loaded",
        load,
        exchange * mutant,
        evidence="GAP-resistant KRAS; general knowledge",
    )
    hydrolyse = model.Parameter("gap_unloads_ras_kcat", 2e-3, prior=0.3, source="guess: minutes")
    model.Rule(
        "gap_unloads_ras",
        ras(n="gtp") >> ras(n="gdp"),
        hydrolyse,
        evidence="NF1 and p120GAP; general knowledge",
    )

    # RAF, MEK, ERK
    activate = model.Parameter("ras_activates_raf_kact", 1e-7, prior=0.3, source="guess: minutes")
    model.catalyze_one_step(
        "ras_activates_raf",
        model["RAS_GTP"],
        raf(s="u"),
        raf(s="p"),
        activate,
        evidence="general knowledge",
    )
    relax = model.Parameter("raf_relaxes_kcat", 5e-3, prior=0.3, source="guess: minutes")
    model.Rule("raf_relaxes", raf(s="p") >> raf(s="u"), relax, evidence="general knowledge")
    phosphorylate = model.Parameter("raf_phosphorylates_mek_kact", 3e-7, prior=0.3, source="1e6 /M/s")
    model.catalyze_one_step(
        "raf_phosphorylates_mek",
        model["pRAF"],
        mek(s="u"),
        mek(s="p"),
        phosphorylate,
        evidence="general knowledge",
    )
    dephosphorylate = model.Parameter(
        "pp2a_dephosphorylates_mek_kcat", 5e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "pp2a_dephosphorylates_mek", mek(s="p") >> mek(s="u"), dephosphorylate, evidence="general knowledge"
    )
    active = model["pMEK"]
    if model.variants["mtorc2_erk"] == "on":
        hold = model.Parameter("mtorc2_holds_erk_x", 1.0, prior=0.4, source="guess")
        active = active / (1 + hold * model.needs("aMTORC2", 3e3) / 6e3)
    active = active * model.residual_activity("MEK")
    phosphorylate = model.Parameter("mek_phosphorylates_erk_kact", 5e-8, prior=0.3, source="guess")
    model.catalyze_one_step(
        "mek_phosphorylates_erk",
        active,
        erk(Y="u"),
        erk(Y="p"),
        phosphorylate,
        evidence="general knowledge",
    )
    dephosphorylate = model.Parameter(
        "dusp_dephosphorylates_erk_kcat", 3e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "dusp_dephosphorylates_erk",
        erk(Y="p") >> erk(Y="u"),
        dephosphorylate * model["ERK_phosphatase"],
        evidence=FEED,
    )

    # what holds ERK back
    turnover = model.Parameter(
        "dusp6_degraded_kdeg", 3e-4, prior=0.3, source="half-life 0.75 h; SPARCED literature column"
    )
    model.degrade("dusp6_degraded", dusp6(), turnover, evidence="Turnover")
    model.synthesize(
        "erk_makes_dusp6", dusp6(), turnover * model["DUSP6_copies"] * model["pERK"] / 1e5, evidence=FEED
    )
    turnover = model.Parameter("spry_degraded_kdeg", 2e-4, prior=0.3, source="guess: an hour")
    model.degrade("spry_degraded", spry(), turnover, evidence="Turnover")
    model.synthesize(
        "erk_makes_spry", spry(), turnover * model["SPRY_copies"] * model["pERK"] / 1e5, evidence=FEED
    )
