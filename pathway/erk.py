"""RAS, RAF, MEK, ERK: receptors and PIP3 load RAS; ERK holds itself back through DUSP6 and SPRY.

In: receptors with phosphotyrosine, pY-IRS1, PIP3. Out: pERK.

*Left out*: SOS and GRB2 as molecules, RAF isoforms and dimers, ERK's direct feedback on RAF and SOS (SPRY stands for it).
"""

FEED = (
    "ERK induces DUSP6 and SPRY, which hold it back; general knowledge (Courtois-Cox 2006 Cancer Cell 10:459)"
)


def molecules(d):
    d.monomer("RAS", "P01116 P01111 P01112", n="gdp gtp")
    d.monomer("RAF", "P04049 P15056", s="u p")
    d.monomer("MEK", "Q02750 P36507", s="u p")
    d.monomer("ERK", "P28482 P27361", Y="u p")
    d.monomer("DUSP6", "Q16828")
    d.monomer("SPRY", "O43597 Q9C004")
    d.start(d["RAS"](n="gdp"), d.copies("RAS", 2e5, "KRAS, NRAS, HRAS"))
    d.start(d["RAF"](s="u"), d.copies("RAF", 3e4, "BRAF and CRAF"))
    d.start(d["MEK"](s="u"), d.copies("MEK", 5e5, "MEK1 and MEK2"))
    d.start(d["ERK"](Y="u"), d.copies("ERK", 8e5, "ERK1 and ERK2"))
    for symbol in ("DUSP6", "SPRY"):
        d.copies(symbol, 1e3, f"{symbol}; synthesis scale")
        d.seed(d[symbol](), symbol, 100)
    d.see("RAS_GTP", d["RAS"](n="gtp"), "RAS-GTP")
    d.see("pRAF", d["RAF"](s="p"), "RAF, active")
    d.see("pMEK", d["MEK"](s="p"), "MEK S217/S221")
    d.see("pERK", d["ERK"](Y="p"), "ERK T202/Y204")
    d.see("tERK", d["ERK"](), "ERK, total")
    d.see("tDUSP6", d["DUSP6"](), "DUSP6, total")
    d.see("tSPRY", d["SPRY"](), "SPRY, total")


def activities(d):
    igf = d.rate("insr_igf1r_load_ras_kact", (2e-9, 0.4, "guess: SHC on the receptors"))
    irs = d.rate("irs1_loads_ras_kact", (3e-8, 0.4, "guess: GRB2-SOS on IRS1"))
    egf = d.rate("egfr_loads_ras_kact", (5e-9, 0.4, "guess: GRB2-SOS on EGFR"))
    her = d.rate("her3_loads_ras_kact", (2e-8, 0.4, "guess: SHC on HER2:HER3"))
    pdg = d.rate("pdgfrb_loads_ras_kact", (5e-9, 0.4, "guess"))
    input_ = (
        igf * (d.needs("pINSR", 2e3) + d.needs("pIGF1R", 2e3))
        + irs * d.needs("pIRS1_Y", 1e3)
        + egf * d.needs("aEGFR", 3e3)
        + her * d.needs("pHER3", 1e3)
        + pdg * d.needs("pPDGFRB", 1e3)
    )
    if d.variants["pip3_ras"] == "on":
        input_ += d.rate(
            "pip3_loads_ras_kact", (1e-10, 0.4, "guess: a fast edge, the mechanism is not settled")
        ) * d.needs("PIP3", 1e5)
    hold = d.rate("spry_holds_ras_x", (0.6, 0.3, "guess"))
    d.let("RAS_loading", input_ / (1 + hold * d["tSPRY"] / 1e3))
    faster = d.rate(
        "dusp6_dephosphorylates_erk_x", (1.0, 0.3, "guess: doubles ERK's phosphatase at its reference amount")
    )
    d.let("ERK_phosphatase", 1 + faster * d["tDUSP6"] / 1e3)


def rules(d):
    ras, raf, mek, erk = d["RAS"], d["RAF"], d["MEK"], d["ERK"]
    load = ras(n="gdp") >> ras(n="gtp")
    d.rule(
        "receptors_load_ras",
        load,
        d["RAS_loading"],
        why="Receptors load RAS through SOS; PI3K adds a fast edge; Will 2014 Cancer Discov 4:334",
    )
    d.convert(
        "sos_loads_ras", load, (1e-5, 0.4, "guess: what is left without receptors"), why="Basal exchange"
    )
    mutant = d.setting("KRAS_mutant", 0.0, "1", "1 = a RAS (or BRAF) mutation that keeps RAS signalling on")
    d.convert(
        "kras_mutant_stays_loaded",
        load,
        (2e-4, 0.3, "guess: a tenth of RAS loaded"),
        times=mutant,
        why="GAP-resistant KRAS; general knowledge",
    )
    d.convert(
        "gap_unloads_ras",
        ras(n="gtp") >> ras(n="gdp"),
        (2e-3, 0.3, "guess: minutes"),
        why="NF1 and p120GAP; general knowledge",
    )
    d.catalyse(
        "ras_activates_raf",
        raf(s="u") >> raf(s="p"),
        d["RAS_GTP"],
        (1e-7, 0.3, "guess: minutes"),
        why="general knowledge",
    )
    d.convert("raf_relaxes", raf(s="p") >> raf(s="u"), (5e-3, 0.3, "guess: minutes"), why="general knowledge")
    d.catalyse(
        "raf_phosphorylates_mek",
        mek(s="u") >> mek(s="p"),
        d["pRAF"],
        (3e-7, 0.3, "1e6 /M/s"),
        why="general knowledge",
    )
    d.convert(
        "pp2a_dephosphorylates_mek",
        mek(s="p") >> mek(s="u"),
        (5e-3, 0.3, "guess: minutes"),
        why="general knowledge",
    )
    slow = 1
    if d.variants["mtorc2_erk"] == "on":
        hold = d.rate("mtorc2_holds_erk_x", (1.0, 0.4, "guess"))
        slow = 1 / (1 + hold * d.needs("aMTORC2", 3e3) / 6e3)
    d.catalyse(
        "mek_phosphorylates_erk",
        erk(Y="u") >> erk(Y="p"),
        d["pMEK"],
        (5e-8, 0.3, "guess"),
        times=d.inhibited("MEK") * slow,
        why="general knowledge",
    )
    d.convert(
        "dusp_dephosphorylates_erk",
        erk(Y="p") >> erk(Y="u"),
        (3e-3, 0.3, "guess: minutes"),
        times=d["ERK_phosphatase"],
        why=FEED,
    )
    k = d.lose(
        "dusp6_degraded",
        d["DUSP6"](),
        (3e-4, 0.3, "half-life 0.75 h; SPARCED literature column"),
        why="Turnover",
    )
    d.make("erk_makes_dusp6", d["DUSP6"](), k * d["DUSP6_copies"] * d["pERK"] / 1e5, why=FEED)
    k = d.lose("spry_degraded", d["SPRY"](), (2e-4, 0.3, "guess: an hour"), why="Turnover")
    d.make("erk_makes_spry", d["SPRY"](), k * d["SPRY_copies"] * d["pERK"] / 1e5, why=FEED)
