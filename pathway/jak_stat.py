"""JAK2 is switched on where it sits on pY-IRS1 or on active CXCR1, and phosphorylates STAT5, which dimerises and works in the nucleus.

In: pY-IRS1, active CXCR1. Out: nuclear STAT5 dimers; SOCS, which damps JAK2 on IRS1.

*Left out*: cytokine receptors and other kinases (a small constant input to STAT5 stands for them), STAT5A/B apart.
"""

WAVE1 = "IRS1 binds and activates JAK2 under BEZ235; Britschgi 2012 Cancer Cell 22:796 (read in Juvekar & Wulf 2013)"
CYCLE = "STAT5 dimerises, enters the nucleus, is dephosphorylated there and leaves; Boehm 2014 J Proteome Res 13:5685"


def molecules(d):
    d.monomer("JAK2", "O60674", Y1007="u p", i=None)
    d.monomer("STAT5", "P42229 P51692", Y694="u p", d=None, loc="cyt nuc")
    d.monomer("SOCS", "O14543 Q9NSE2")
    jak2, stat5 = d["JAK2"], d["STAT5"]
    d.start(jak2(Y1007="u", i=None), d.copies("JAK2", 3e3, "JAK2"))
    d.start(stat5(Y694="u", d=None, loc="cyt"), d.copies("STAT5", 3e4, "STAT5A and STAT5B"))
    d.copies("SOCS", 1e3, "SOCS3 and CISH; synthesis scale")
    d.seed(d["SOCS"](), "SOCS", 100)
    d.see("pJAK2", jak2(Y1007="p"), "JAK2 Y1007/Y1008")
    d.see("tJAK2", jak2(), "JAK2, total")
    d.see("JAK2_IRS1", d["IRS1"](j=1) % jak2(i=1), "JAK2 on IRS1")
    d.see("pSTAT5", stat5(Y694="p"), "STAT5 Y694")
    d.see("nSTAT5", stat5(Y694="p", loc="nuc"), "STAT5 in the nucleus")
    d.see("tSTAT5", stat5(), "STAT5, total")
    d.see("tSOCS", d["SOCS"](), "SOCS, total")


def activities(d):
    damp = d.rate(
        "socs_damps_jak2_x", (20.0, 0.2, "guess: threefold at 100 copies; lets the first wave fade (S43)")
    )
    d.let("JAK2_undamped", d.inhibited("JAK2") / (1 + damp * d["tSOCS"] / 1e3))


def rules(d):
    jak2, irs1, stat5 = d["JAK2"], d["IRS1"], d["STAT5"]
    d.bind(
        "jak2_binds_irs1",
        irs1(Y="p", j=None) + jak2(i=None) | irs1(Y="p", j=1) % jak2(i=1),
        (3e-6, 0.4, "guess: Kd near 7e3 copies, with kr"),
        (0.02, 0.3, "guess: half a minute"),
        why=WAVE1,
    )
    receptor = d["IRS1_receptor"] / 3e3 if d.variants["jak2_activation"] == "receptor" else 1
    on = irs1(j=1) % jak2(i=1, Y1007="u") >> irs1(j=1) % jak2(i=1, Y1007="p")
    d.convert(
        "irs1_switches_jak2_on",
        on,
        (0.005, 0.4, "guess: minutes"),
        times=d["JAK2_undamped"] * receptor,
        why=WAVE1,
    )
    d.catalyse(
        "cxcr1_switches_jak2_on",
        jak2(Y1007="u") >> jak2(Y1007="p"),
        d.needs("aCXCR1", 50),
        (1e-5, 0.3, "guess: as IRS1 when half of CXCR1 is active"),
        times=d.inhibited("JAK2"),
        why="IL-8/CXCR1 keeps JAK2 on; Britschgi 2012 (steps through G proteins lumped)",
    )
    d.convert(
        "ptp_dephosphorylates_jak2",
        jak2(Y1007="p") >> jak2(Y1007="u"),
        (5.5e-3, 0.3, "guess: minutes"),
        why="general knowledge",
    )
    free = {"d": None, "loc": "cyt"}
    d.catalyse(
        "jak2_phosphorylates_stat5_y694",
        stat5(Y694="u", **free) >> stat5(Y694="p", **free),
        d["pJAK2"],
        (4e-7, 0.3, "guess: 10-30 min"),
        times=d.inhibited("JAK2"),
        why="Britschgi 2012",
    )
    d.convert(
        "other_kinases_phosphorylate_stat5_y694",
        stat5(Y694="u", **free) >> stat5(Y694="p", **free),
        (2e-5, 0.3, "guess: one to two per cent of STAT5"),
        why="JAK1, TYK2 and SRC keep some pSTAT5 without JAK2, so that it rises only in some lines (S47); general knowledge",
    )
    d.convert(
        "ptp_dephosphorylates_stat5_y694",
        stat5(Y694="p", **free) >> stat5(Y694="u", **free),
        (1.2e-3, 0.3, "guess: ten minutes"),
        why="general knowledge",
    )
    pair = stat5(Y694="p", d=1, loc="cyt") % stat5(Y694="p", d=1, loc="cyt")
    inside = stat5(Y694="p", d=1, loc="nuc") % stat5(Y694="p", d=1, loc="nuc")
    d.bind(
        "stat5_dimerises",
        stat5(Y694="p", **free) + stat5(Y694="p", **free) | pair,
        (1e-6, 0.3, "guess: fast at 1e4 copies"),
        (0.003, 0.3, "guess"),
        why=CYCLE,
    )
    d.convert(
        "stat5_enters_nucleus",
        pair >> inside,
        (3e-3, 0.3, "6-20 min for a cycle; general knowledge"),
        why=CYCLE,
    )
    d.convert(
        "stat5_leaves_nucleus",
        inside >> stat5(Y694="u", **free) + stat5(Y694="u", **free),
        (1e-3, 0.3, "6-20 min for a cycle; general knowledge"),
        why=CYCLE,
    )
    k = d.lose(
        "socs_degraded",
        d["SOCS"](),
        (1.5e-5, 0.3, "guess: hours, mRNA and protein together"),
        why="general knowledge",
    )
    half = d.rate(
        "stat5_makes_socs_K", (2e3, 0.2, "guess: a tenth of STAT5 in the nucleus, as its other targets")
    )
    n = d["nSTAT5"]
    d.make(
        "stat5_makes_socs",
        d["SOCS"](),
        k * d["SOCS_copies"] * n**2 / (half**2 + n**2),
        why="SOCS3 and CISH are STAT5 targets; Bachmann 2011 Mol Syst Biol 7:516",
    )
