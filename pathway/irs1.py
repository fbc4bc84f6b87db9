"""IRS1 (IRS2 pooled): tyrosines by InsR/IGF1R open the PI3K site, serines by S6K and mTORC1 close it and shorten its life.

In: receptors free of GRB10, pS6K, mTORC1. Out: IRS1 with phosphotyrosine, total IRS1.

*Left out*: single serines (S307, S312, S636/S639, S1101 are one site, numbered S636), Fbw8, IRS1 on membranes.
"""

LOSS = "Serine-phosphorylated IRS1 goes to the proteasome; Haruta 2000 Mol Endocrinol 14:783, Harrington 2004 JCB 166:213"


def molecules(d):
    d.monomer("IRS1", "P35568 Q9Y4H2", Y="u p", S636="u p", j=None)
    irs1 = d["IRS1"]
    d.copies("IRS1", 1e4, "IRS1 and IRS2; synthesis scale")
    d.seed(irs1(Y="u", S636="u", j=None), "IRS1", 1e4)
    d.see("pIRS1_Y", irs1(Y="p"), "IRS1, phosphotyrosine")
    d.see("pIRS1_S", irs1(S636="p"), "IRS1, inhibitory serines")
    d.see("tIRS1", irs1(), "IRS1, total")


def activities(d):
    d.let("fIRS1_S", d["pIRS1_S"] / d["tIRS1"], "share of IRS1 with inhibitory serine phosphate", "1")


def rules(d):
    irs1 = d["IRS1"]
    intact = d.setting("IRS1_S636_intact", 1.0, "1", "1 = wild type, 0 = IRS1 without the inhibitory serines")
    k = d.catalyse(
        "receptor_phosphorylates_irs1_y",
        irs1(Y="u", S636="u") >> irs1(Y="p", S636="u"),
        d.needs("IRS1_receptor", 3e3),
        (3e-6, 0.4, "guess: a fifth of IRS1 at 500 open receptors"),
        why="InsR/IGF1R phosphorylate IRS1; peak 15 min after IGF1, Lee 2000 MCB 20:1489",
    )
    d.catalyse(
        "receptor_phosphorylates_serine_irs1_y",
        irs1(Y="u", S636="p") >> irs1(Y="p", S636="p"),
        d.needs("IRS1_receptor", 3e3),
        k,
        times=d.rate("irs1_s636p_as_substrate_x", (0.2, 0.25, "guess: 3- to 10-fold poorer substrate")),
        why="Serine phosphate makes IRS1 a poorer substrate; Tremblay 2005 Endocrinology 146:1328",
    )
    d.convert(
        "ptp_dephosphorylates_irs1_y",
        irs1(Y="p", j=None) >> irs1(Y="u", j=None),
        (7e-3, 0.3, "guess: minutes"),
        why="Lee 2000",
    )
    d.catalyse(
        "s6k_phosphorylates_irs1_s636",
        irs1(S636="u") >> irs1(S636="p"),
        d.needs("pS6K_active", 2e4),
        (5e-8, 0.4, "guess: 5-10/h with all S6K on, from a trial fit"),
        times=intact,
        why="S6K phosphorylates IRS1 S307/S636; Um 2004 Nature 431:200, Harrington 2004",
    )
    d.catalyse(
        "mtorc1_phosphorylates_irs1_s636",
        irs1(S636="u") >> irs1(S636="p"),
        d.needs("aMTORC1", 3e3),
        (2e-8, 0.4, "guess: less than S6K"),
        times=intact,
        why="mTORC1 phosphorylates IRS1 S636/S639; Tremblay 2005",
    )
    d.convert(
        "pp_dephosphorylates_irs1_s636",
        irs1(S636="p") >> irs1(S636="u"),
        (2e-3, 0.3, "minutes; Tremblay 2005"),
        why="Tremblay 2005",
    )
    k0 = d.lose(
        "irs1_degraded",
        irs1(),
        (2e-5, 0.25, "half-life 3.3 h in the SPARCED table, 6-24 h without stimulus in general knowledge"),
        why="Turnover",
    )
    d.lose(
        "irs1_s636p_degraded",
        irs1(S636="p"),
        (2.5e-4, 0.3, "guess: an hour, Lee 2000; from a trial fit"),
        why=LOSS,
    )
    if d.variants["irs1_degradation"] == "pi3k":
        d.lose(
            "irs1_degraded_by_akt",
            irs1(),
            (1e-4, 0.4, "guess"),
            times=d.needs("aAKT", 1.5e4) / 1.5e5,
            why="IRS1 loss that needs PI3K and not mTOR; Zhande 2002 MCB 22:1016",
        )
    d.lose(
        "socs_degrades_irs1",
        irs1(),
        (2e-4, 0.4, "guess: as fast as basal loss at 100 SOCS"),
        times=d.needs("tSOCS", 100) / 1e3,
        why="SOCS1 and SOCS3 mark IRS1 and IRS2 for the proteasome; Rui 2002 J Biol Chem 277:42394",
    )
    d.make(
        "irs1_made",
        irs1(Y="u", S636="u", j=None),
        k0 * d["IRS1_copies"],
        why="Turnover; the abundance is the synthesis scale",
    )
