"""GRB10: mTORC1 phosphorylates and so stabilises it; bound to InsR or IGF1R it keeps IRS1 off.

In: mTORC1 activity, receptors with phosphotyrosine. Out: receptors that carry GRB10.

Both forms bind (free GRB10 without the phosphate more weakly); the phosphorylated one lives longer.
*Left out*: GRB10's other partners; the two mTORC1 sites S476 and S501/S503 are one.
"""

BLOCKS = "GRB10 on the receptor blocks IRS1/2; Yu 2011 Science 332:1322, Hsu 2011 Science 332:1317"


def molecules(d):
    d.monomer("GRB10", "Q13322", S476="u p", r=None)
    grb10 = d["GRB10"]
    d.copies("GRB10", 2e4, "GRB10; synthesis scale")
    d.seed(grb10(S476="u", r=None), "GRB10", 2e4)
    d.see("pGRB10", grb10(S476="p"), "GRB10, mTORC1 sites")
    d.see("tGRB10", grb10(), "GRB10, total")


def rules(d):
    grb10 = d["GRB10"]
    intact = d.setting(
        "GRB10_S476_intact", 1.0, "1", "1 = wild type, 0 = GRB10 that mTORC1 cannot phosphorylate"
    )
    tight = d.rate("grb10p_binds_receptor_kf", (3e-6, 0.4, "guess: Kd near 7e3 copies, with kr"))
    weaker = d.rate(
        "grb10u_binds_receptor_x",
        (0.8, 0.25, "guess: GRB10 without phosphate binds hardly less; loss of the protein is what tells"),
    )
    loose = d.let("grb10u_binds_receptor_rate", tight * weaker)
    off = d.rate("grb10_binds_receptor_kr", (0.02, 0.3, "guess: half a minute"))
    shed = "Dephosphorylation of the receptor frees GRB10"
    for receptor in ("INSR", "IGF1R"):
        low, r = receptor.lower(), d[receptor]
        for state, on in (("p", tight), ("u", loose)):
            free = r(Y="p", g=None) + grb10(S476=state, r=None)
            bound = r(Y="p", g=1) % grb10(S476=state, r=1)
            d.rule(f"grb10{state}_binds_{low}", free | bound, on, off, why=BLOCKS)
            ptp = (
                d[f"ptp_dephosphorylates_{low}_y_kcat"]
                if low == "insr"
                else d["ptp_dephosphorylates_insr_y_kcat"]
            )
            d.rule(
                f"ptp_frees_grb10{state}_from_{low}",
                bound >> r(Y="u", g=None) + grb10(S476=state, r=None),
                ptp,
                why=shed,
            )
    d.catalyse(
        "mtorc1_phosphorylates_grb10_s476",
        grb10(S476="u") >> grb10(S476="p"),
        d.needs("aMTORC1", 3e3),
        (2e-7, 0.4, "guess: 8/h at half of mTORC1, from a trial fit"),
        times=intact,
        why="Yu 2011, Hsu 2011",
    )
    d.convert(
        "pp_dephosphorylates_grb10_s476",
        grb10(S476="p") >> grb10(S476="u"),
        (6e-4, 0.3, "guess: gone within 1-2 h of rapamycin; Yu 2011"),
        why="Yu 2011",
    )
    k = d.lose(
        "grb10u_degraded",
        grb10(S476="u"),
        (4e-5, 0.25, "half-life about 5 h; direction Yu 2011"),
        why="Yu 2011",
    )
    slower = d.rate("grb10p_degraded_x", (0.2, 0.2, "guess: 3- to 6-fold slower; direction Yu 2011"))
    d.lose("grb10p_degraded", grb10(S476="p"), k, times=slower, why="mTORC1 stabilises GRB10; Yu 2011")
    d.make(
        "grb10_made",
        grb10(S476="u", r=None),
        k * d["GRB10_copies"],
        why="Turnover; the abundance is the synthesis scale",
    )
