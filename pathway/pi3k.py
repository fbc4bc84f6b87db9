"""PI3K alpha and beta sit on phosphotyrosines and make PIP3; PTEN and INPP4B take it away.

In: pY-IRS1, pHER3, pEGFR, pPDGFR. Out: PIP3, one pool (with PI(3,4)P2, to which AKT binds too).

Occupancy of PI3K by its sites is an equilibrium (seconds), so receptors compete for a finite PI3K. A PIK3CA mutant
gains on the bound enzyme and works a little without a site.
*Left out*: p110 gamma and delta, GPCR input to PI3K (the IL-8 loop is independent of PI3K), RAS on p110, single lipids.
"""

from pathway.builder import ModelBuilder


def molecules(model: ModelBuilder) -> None:
    pip3 = model.Monomer("PtdInsP3", chebi="16618")
    model.Initial(pip3(), model.Parameter("PIP3_start", 1e5))
    model.Parameter("PIK3CA_copies", 5e3, unit="copies/cell", description="p110-alpha with p85")
    model.Parameter("PIK3CB_copies", 4e3, unit="copies/cell", description="p110-beta with p85")
    model.Parameter("PTEN_copies", 7e3, unit="copies/cell", description="PTEN")
    model.Parameter("INPP4B_copies", 5e3, unit="copies/cell", description="INPP4B")
    model.Observable("PIP3", pip3(), "PIP3 and PI(3,4)P2")


def activities(model: ModelBuilder) -> None:
    irs1 = model.needs("pIRS1_Y", 1e3)
    on_her3 = model.Parameter(
        "pi3k_on_her3_x",
        0.15,
        prior=0.4,
        source="guess: six p85 sites on HER3, nine on IRS1, and half of HER3 out of reach",
    )
    on_egfr = model.Parameter(
        "pi3k_on_egfr_x", 0.003, prior=0.4, source="guess: EGFR works through GAB1, far less than IRS1"
    )
    on_pdgfrb = model.Parameter("pi3k_on_pdgfrb_x", 0.1, prior=0.4, source="guess: two p85 sites")
    sites = model.Expression(
        "PI3K_sites",
        irs1
        + on_her3 * model.needs("pHER3", 1e3)
        + on_egfr * model.needs("pEGFR", 3e3)
        + on_pdgfrb * model.needs("pPDGFRB", 1e3),
    )
    half = model.Parameter(
        "pi3k_on_sites_K",
        6e3,
        prior=0.3,
        source="guess: fewer molecules than PI3K fill it, IRS1 has nine sites",
    )
    model.Expression("PI3K_bound", sites / (sites + half))
    model.Expression(
        "PI3K_IRS1",
        (model["PIK3CA_copies"] + model["PIK3CB_copies"]) * irs1 / (sites + half),
        "PI3K bound to IRS1",
    )


def rules(model: ModelBuilder) -> None:
    pip3 = model.monomers["PtdInsP3"]
    mutant = model.Parameter("PIK3CA_mutant", 0.0, unit="1", description="1 = activating PIK3CA mutation")
    gain = model.Parameter(
        "pik3ca_mutant_gain_x",
        2.0,
        prior=0.3,
        source="guess: mutant gains 2- to 3-fold on the bound enzyme",
    )
    alone = model.Parameter(
        "pik3ca_mutant_unbound_x",
        0.015,
        prior=0.4,
        source="guess: a per cent or two of full activity without a receptor",
    )
    basal = model.Parameter(
        "pi3k_unbound_x",
        0.0005,
        prior=0.2,
        source="guess: p85 holds free p110 back, next to nothing is left",
    )
    kcat = model.Parameter("pi3k_makes_pip3_kcat", 15.0, prior=0.4, source="guess: ten lipids a second")
    relative = model.Parameter(
        "pik3cb_relative_x", 0.3, prior=0.3, source="guess: beta is the weaker one on receptors"
    )
    bound = model["PI3K_bound"]
    alpha = (
        model["PIK3CA_copies"]
        * (bound * (1 + (gain - 1) * mutant) + alone * mutant + basal)
        * model.residual_activity("PIK3CA")
    )
    beta = relative * model["PIK3CB_copies"] * (bound + basal) * model.residual_activity("PIK3CB")
    model.synthesize(
        "pi3k_makes_pip3",
        pip3(),
        kcat * (alpha + beta),
        evidence="Class I PI3K bound to pYXXM motifs makes PIP3; Bergholz & Zhao 2021",
    )
    lost = "Loss of PTEN or INPP4B raises pathway tone; Juvekar & Wulf 2013 (refs 7, 8)"
    remove = model.Parameter(
        "pten_removes_pip3_kact", 1.2e-5, prior=0.3, source="guess: PIP3 lives 10-60 s with PTEN"
    )
    model.catalyze_one_step("pten_removes_pip3", model["PTEN_copies"], pip3(), None, remove, evidence=lost)
    remove = model.Parameter(
        "inpp4b_removes_pip3_kact", 8e-6, prior=0.4, source="guess: half of PTEN; its loss shows"
    )
    model.catalyze_one_step(
        "inpp4b_removes_pip3", model["INPP4B_copies"], pip3(), None, remove, evidence=lost
    )
    remove = model.Parameter(
        "phosphatases_remove_pip3_kcat",
        5e-3,
        prior=0.3,
        source="guess: a tenth of PTEN, SHIP2 and others; PIP3 lives minutes without PTEN",
    )
    model.Rule(
        "phosphatases_remove_pip3",
        pip3() >> None,
        remove,
        evidence="PIP3 still turns over in PTEN-null cells; general knowledge",
    )
