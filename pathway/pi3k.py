"""PI3K alpha and beta sit on phosphotyrosines and make PIP3; PTEN and INPP4B take it away.

In: pY-IRS1, pHER3, pEGFR, pPDGFR. Out: PIP3, one pool (with PI(3,4)P2, to which AKT binds too).

Occupancy of PI3K by its sites is an equilibrium (seconds), so receptors compete for a finite PI3K. A PIK3CA mutant
gains on the bound enzyme and works a little without a site.
*Left out*: p110 gamma and delta, GPCR input to PI3K (the IL-8 loop is independent of PI3K), RAS on p110, single lipids.
"""


def molecules(d):
    d.monomer("PtdInsP3", "")
    d.seed(d["PtdInsP3"](), "PIP3", 1e5)
    d.copies("PIK3CA", 5e3, "p110-alpha with p85")
    d.copies("PIK3CB", 4e3, "p110-beta with p85")
    d.copies("PTEN", 7e3, "PTEN")
    d.copies("INPP4B", 5e3, "INPP4B")
    d.see("PIP3", d["PtdInsP3"](), "PIP3 and PI(3,4)P2")


def activities(d):
    heard = d.let(
        "PI3K_sites",
        d.needs("pIRS1_Y", 1e3)
        + d.rate(
            "pi3k_on_her3_x",
            (0.15, 0.4, "guess: six p85 sites on HER3, nine on IRS1, and half of HER3 out of reach"),
        )
        * d.needs("pHER3", 1e3)
        + d.rate("pi3k_on_egfr_x", (0.003, 0.4, "guess: EGFR works through GAB1, far less than IRS1"))
        * d.needs("pEGFR", 3e3)
        + d.rate("pi3k_on_pdgfrb_x", (0.1, 0.4, "guess: two p85 sites")) * d.needs("pPDGFRB", 1e3),
    )
    half = d.rate(
        "pi3k_on_sites_K", (6e3, 0.3, "guess: fewer molecules than PI3K fill it, IRS1 has nine sites")
    )
    d.let("PI3K_bound", heard / (heard + half))
    d.let(
        "PI3K_IRS1",
        (d["PIK3CA_copies"] + d["PIK3CB_copies"]) * d.needs("pIRS1_Y", 1e3) / (heard + half),
        "PI3K bound to IRS1",
    )


def rules(d):
    mutant = d.setting("PIK3CA_mutant", 0.0, "1", "1 = activating PIK3CA mutation")
    gain = d.rate("pik3ca_mutant_gain_x", (2.0, 0.3, "guess: mutant gains 2- to 3-fold on the bound enzyme"))
    alone = d.rate(
        "pik3ca_mutant_unbound_x",
        (0.015, 0.4, "guess: a per cent or two of full activity without a receptor"),
    )
    basal = d.rate(
        "pi3k_unbound_x", (0.0005, 0.2, "guess: p85 holds free p110 back, next to nothing is left")
    )
    kcat = d.rate("pi3k_makes_pip3_kcat", (15.0, 0.4, "guess: ten lipids a second"))
    beta = d.rate("pik3cb_relative_x", (0.3, 0.3, "guess: beta is the weaker one on receptors"))
    bound = d["PI3K_bound"]
    alpha = (
        d["PIK3CA_copies"]
        * (bound * (1 + (gain - 1) * mutant) + alone * mutant + basal)
        * d.inhibited("PIK3CA")
    )
    d.make(
        "pi3k_makes_pip3",
        d["PtdInsP3"](),
        kcat * (alpha + beta * d["PIK3CB_copies"] * (bound + basal) * d.inhibited("PIK3CB")),
        why="Class I PI3K bound to pYXXM motifs makes PIP3; Bergholz & Zhao 2021",
    )
    for enzyme, guess in (
        ("PTEN", (1.2e-5, 0.3, "guess: PIP3 lives 10-60 s with PTEN")),
        ("INPP4B", (8e-6, 0.4, "guess: half of PTEN; its loss shows")),
    ):
        d.catalyse(
            f"{enzyme.lower()}_removes_pip3",
            d["PtdInsP3"]() >> None,
            d[f"{enzyme}_copies"],
            guess,
            why="Loss of PTEN or INPP4B raises pathway tone; Juvekar & Wulf 2013 (refs 7, 8)",
        )
    d.convert(
        "phosphatases_remove_pip3",
        d["PtdInsP3"]() >> None,
        (5e-3, 0.3, "guess: a tenth of PTEN, SHIP2 and others; PIP3 lives minutes without PTEN"),
        why="PIP3 still turns over in PTEN-null cells; general knowledge",
    )
