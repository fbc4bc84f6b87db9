"""IRS1 (IRS2 pooled): tyrosines by InsR/IGF1R open the PI3K site, serines by S6K and mTORC1 close it and shorten its life.

In: receptors free of GRB10, pS6K, mTORC1. Out: IRS1 with phosphotyrosine, total IRS1.

*Left out*: single serines (S307, S312, S636/S639, S1101 are one site, numbered S636), Fbw8, IRS1 on membranes.
"""

from pathway.builder import ModelBuilder

LOSS = "Serine-phosphorylated IRS1 goes to the proteasome; Haruta 2000 Mol Endocrinol 14:783, Harrington 2004 JCB 166:213"


def molecules(model: ModelBuilder) -> None:
    irs1 = model.Monomer(
        "IRS1", ["Y", "S636", "j"], {"Y": ["u", "p"], "S636": ["u", "p"]}, uniprot="P35568 Q9Y4H2"
    )
    model.Parameter("IRS1_copies", 1e4, unit="copies/cell", description="IRS1 and IRS2; synthesis scale")
    model.Initial(irs1(Y="u", S636="u", j=None), model.Parameter("IRS1_start", 1e4))
    model.Observable("pIRS1_Y", irs1(Y="p"), "IRS1, phosphotyrosine")
    model.Observable("pIRS1_S", irs1(S636="p"), "IRS1, inhibitory serines")
    model.Observable("tIRS1", irs1(), "IRS1, total")


def activities(model: ModelBuilder) -> None:
    model.Expression(
        "fIRS1_S", model["pIRS1_S"] / model["tIRS1"], "share of IRS1 with inhibitory serine phosphate", "1"
    )


def rules(model: ModelBuilder) -> None:
    irs1 = model.monomers["IRS1"]
    intact = model.Parameter(
        "IRS1_S636_intact",
        1.0,
        unit="1",
        description="1 = wild type, 0 = IRS1 without the inhibitory serines",
    )

    # tyrosines
    receptor = model.needs("IRS1_receptor", 3e3)
    phosphorylate = model.Parameter(
        "receptor_phosphorylates_irs1_y_kact",
        3e-6,
        prior=0.4,
        source="guess: a fifth of IRS1 at 500 open receptors",
    )
    model.catalyze_one_step(
        "receptor_phosphorylates_irs1_y",
        receptor,
        irs1(Y="u", S636="u"),
        irs1(Y="p", S636="u"),
        phosphorylate,
        evidence="InsR/IGF1R phosphorylate IRS1; peak 15 min after IGF1, Lee 2000 MCB 20:1489",
    )
    poorer = model.Parameter(
        "irs1_s636p_as_substrate_x", 0.2, prior=0.25, source="guess: 3- to 10-fold poorer substrate"
    )
    model.catalyze_one_step(
        "receptor_phosphorylates_serine_irs1_y",
        receptor,
        irs1(Y="u", S636="p"),
        irs1(Y="p", S636="p"),
        phosphorylate * poorer,
        evidence="Serine phosphate makes IRS1 a poorer substrate; Tremblay 2005 Endocrinology 146:1328",
    )
    dephosphorylate = model.Parameter(
        "ptp_dephosphorylates_irs1_y_kcat", 7e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "ptp_dephosphorylates_irs1_y",
        irs1(Y="p", j=None) >> irs1(Y="u", j=None),
        dephosphorylate,
        evidence="Lee 2000",
    )

    # inhibitory serines
    s6k = model.needs("pS6K_active", 2e4)
    phosphorylate = model.Parameter(
        "s6k_phosphorylates_irs1_s636_kact",
        5e-8,
        prior=0.4,
        source="guess: 5-10/h with all S6K on, from a trial fit",
    )
    model.catalyze_one_step(
        "s6k_phosphorylates_irs1_s636",
        s6k * intact,
        irs1(S636="u"),
        irs1(S636="p"),
        phosphorylate,
        evidence="S6K phosphorylates IRS1 S307/S636; Um 2004 Nature 431:200, Harrington 2004",
    )
    mtorc1 = model.needs("aMTORC1", 3e3)
    phosphorylate = model.Parameter(
        "mtorc1_phosphorylates_irs1_s636_kact", 2e-8, prior=0.4, source="guess: less than S6K"
    )
    model.catalyze_one_step(
        "mtorc1_phosphorylates_irs1_s636",
        mtorc1 * intact,
        irs1(S636="u"),
        irs1(S636="p"),
        phosphorylate,
        evidence="mTORC1 phosphorylates IRS1 S636/S639; Tremblay 2005",
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_irs1_s636_kcat", 2e-3, prior=0.3, source="minutes; Tremblay 2005"
    )
    model.Rule(
        "pp_dephosphorylates_irs1_s636",
        irs1(S636="p") >> irs1(S636="u"),
        dephosphorylate,
        evidence="Tremblay 2005",
    )

    # made and lost
    turnover = model.Parameter(
        "irs1_degraded_kdeg",
        2e-5,
        prior=0.25,
        source="half-life 3.3 h in the SPARCED table, 6-24 h without stimulus in general knowledge",
    )
    model.degrade("irs1_degraded", irs1(), turnover, evidence="Turnover")
    with_serine = model.Parameter(
        "irs1_s636p_degraded_kdeg", 2.5e-4, prior=0.3, source="guess: an hour, Lee 2000; from a trial fit"
    )
    model.degrade("irs1_s636p_degraded", irs1(S636="p"), with_serine, evidence=LOSS)
    if model.variants["irs1_degradation"] == "pi3k":
        akt = model.needs("aAKT", 1.5e4)
        by_akt = model.Parameter("irs1_degraded_by_akt_kdeg", 1e-4, prior=0.4, source="guess")
        model.degrade(
            "irs1_degraded_by_akt",
            irs1(),
            by_akt * (akt / 1.5e5),
            evidence="IRS1 loss that needs PI3K and not mTOR; Zhande 2002 MCB 22:1016",
        )
    socs = model.needs("tSOCS", 100)
    by_socs = model.Parameter(
        "socs_degrades_irs1_kdeg", 2e-4, prior=0.4, source="guess: as fast as basal loss at 100 SOCS"
    )
    model.degrade(
        "socs_degrades_irs1",
        irs1(),
        by_socs * (socs / 1e3),
        evidence="SOCS1 and SOCS3 mark IRS1 and IRS2 for the proteasome; Rui 2002 J Biol Chem 277:42394",
    )
    model.synthesize(
        "irs1_made",
        irs1(Y="u", S636="u", j=None),
        turnover * model["IRS1_copies"],
        evidence="Turnover; the abundance is the synthesis scale",
    )
