"""GRB10: mTORC1 phosphorylates and so stabilises it; bound to InsR or IGF1R it keeps IRS1 off.

In: mTORC1 activity, receptors with phosphotyrosine. Out: receptors that carry GRB10.

Both forms bind (GRB10 without the phosphate more weakly); the phosphorylated one lives longer.
*Left out*: GRB10's other partners; the two mTORC1 sites S476 and S501/S503 are one.
"""

from pathway.builder import ModelBuilder

BLOCKS = "GRB10 on the receptor blocks IRS1/2; Yu 2011 Science 332:1322, Hsu 2011 Science 332:1317"
FREED = "Dephosphorylation of the receptor frees GRB10"


def molecules(model: ModelBuilder) -> None:
    grb10 = model.Monomer("GRB10", ["S476", "r"], {"S476": ["u", "p"]}, uniprot="Q13322")
    model.Parameter("GRB10_copies", 2e4, unit="copies/cell", description="GRB10; synthesis scale")
    model.Initial(grb10(S476="u", r=None), model.Parameter("GRB10_start", 2e4))
    model.Observable("pGRB10", grb10(S476="p"), "GRB10, mTORC1 sites")
    model.Observable("tGRB10", grb10(), "GRB10, total")


def rules(model: ModelBuilder) -> None:
    grb10, insr, igf1r = model.monomers["GRB10"], model.monomers["INSR"], model.monomers["IGF1R"]
    intact = model.Parameter(
        "GRB10_S476_intact",
        1.0,
        unit="1",
        description="1 = wild type, 0 = GRB10 that mTORC1 cannot phosphorylate",
    )
    tight = model.Parameter(
        "grb10p_binds_receptor_kf", 3e-6, prior=0.4, source="guess: Kd near 7e3 copies, with kr"
    )
    weaker = model.Parameter(
        "grb10u_binds_receptor_x",
        0.8,
        prior=0.25,
        source="guess: GRB10 without phosphate binds hardly less; loss of the protein is what tells",
    )
    loose = model.Expression("grb10u_binds_receptor_rate", tight * weaker)
    off = model.Parameter("grb10_binds_receptor_kr", 0.02, prior=0.3, source="guess: half a minute")
    dephosphorylate = model["ptp_dephosphorylates_insr_y_kcat"]
    for binds, frees, receptor, form, on in (
        ("grb10p_binds_insr", "ptp_frees_grb10p_from_insr", insr, "p", tight),
        ("grb10u_binds_insr", "ptp_frees_grb10u_from_insr", insr, "u", loose),
        ("grb10p_binds_igf1r", "ptp_frees_grb10p_from_igf1r", igf1r, "p", tight),
        ("grb10u_binds_igf1r", "ptp_frees_grb10u_from_igf1r", igf1r, "u", loose),
    ):
        model.bind(binds, receptor(Y="p"), "g", grb10(S476=form), "r", on, off, evidence=BLOCKS)
        bound = receptor(Y="p", g=1) % grb10(S476=form, r=1)
        freed = receptor(Y="u", g=None) + grb10(S476=form, r=None)
        model.Rule(frees, bound >> freed, dephosphorylate, evidence=FREED)
    mtorc1 = model.needs("aMTORC1", 3e3)
    phosphorylate = model.Parameter(
        "mtorc1_phosphorylates_grb10_s476_kact",
        2e-7,
        prior=0.4,
        source="guess: 8/h at half of mTORC1, from a trial fit",
    )
    model.catalyze_one_step(
        "mtorc1_phosphorylates_grb10_s476",
        mtorc1 * intact,
        grb10(S476="u"),
        grb10(S476="p"),
        phosphorylate,
        evidence="Yu 2011, Hsu 2011",
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_grb10_s476_kcat",
        6e-4,
        prior=0.3,
        source="guess: gone within 1-2 h of rapamycin; Yu 2011",
    )
    model.Rule(
        "pp_dephosphorylates_grb10_s476",
        grb10(S476="p") >> grb10(S476="u"),
        dephosphorylate,
        evidence="Yu 2011",
    )
    turnover = model.Parameter(
        "grb10u_degraded_kdeg", 4e-5, prior=0.25, source="half-life about 5 h; direction Yu 2011"
    )
    model.degrade("grb10u_degraded", grb10(S476="u"), turnover, evidence="Yu 2011")
    slower = model.Parameter(
        "grb10p_degraded_x", 0.2, prior=0.2, source="guess: 3- to 6-fold slower; direction Yu 2011"
    )
    model.degrade(
        "grb10p_degraded",
        grb10(S476="p"),
        turnover * slower,
        evidence="mTORC1 stabilises GRB10; Yu 2011",
    )
    model.synthesize(
        "grb10_made",
        grb10(S476="u", r=None),
        turnover * model["GRB10_copies"],
        evidence="Turnover; the abundance is the synthesis scale",
    )
