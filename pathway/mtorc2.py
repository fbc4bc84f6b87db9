"""mTORC2, the S473 kinase: S6K phosphorylates its Sin1 and weakens it; long rapamycin keeps new mTOR out of it.

In: pS6K (or AKT, in the other hypotheses), FKBP12-rapalog. Out: mTORC2 activity.

Who phosphorylates Sin1 and what that does is contested (conflict C1); the default is what the seed says (Liu 2013).
*Left out*: direct activation by PIP3 (S473 needs docked AKT anyway), Rictor T1135.
"""

LIU = "S6K phosphorylates Sin1 T86/T398 and splits mTORC2; Liu 2013 Nat Cell Biol 15:1340"
YANG = (
    "AKT phosphorylates Sin1 T86; Yang 2015 Cell Rep 12:937 (activating), Liu 2013 (inhibiting, by context)"
)


def molecules(d):
    d.monomer("MTORC2", "P42345 Q6R327 Q9BPZ7", T86="u p")
    mtorc2 = d["MTORC2"]
    d.copies("MTORC2", 6e3, "mTORC2 (Rictor limits); synthesis scale")
    d.seed(mtorc2(T86="u"), "MTORC2", 6e3)
    d.see("pSIN1_T86", mtorc2(T86="p"), "Sin1 T86/T398 in mTORC2")
    d.see("tMTORC2", mtorc2(), "mTORC2 (mTOR-Rictor), total")
    d.count("MTORC2_u", mtorc2(T86="u"))


def activities(d):
    if d.variants["sin1"] == "akt_activates":
        other = d.rate("sin1_t86u_mtorc2_x", (0.3, 0.3, "guess"))
        working = d["pSIN1_T86"] + other * d["MTORC2_u"]
    else:
        other = d.rate("sin1_t86p_mtorc2_x", (0.5, 0.2, "guess: half left"))
        working = d["MTORC2_u"] + other * d["pSIN1_T86"]
    d.let("aMTORC2", working * d.inhibited("MTORC2"), "mTORC2 activity to AKT S473")


def rules(d):
    mtorc2 = d["MTORC2"]
    intact = d.setting("SIN1_T86_T398_intact", 1.0, "1", "1 = wild type, 0 = Sin1 T86A/T398A")
    step = mtorc2(T86="u") >> mtorc2(T86="p")
    if d.variants["sin1"] == "s6k_inhibits":
        k = (1.2e-7, 0.25, "guess: minutes with all S6K on")
        d.catalyse("s6k_phosphorylates_sin1_t86", step, d.needs("pS6K_active", 2e4), k, times=intact, why=LIU)
    else:
        k = (3e-8, 0.4, "guess: minutes at a tenth of AKT")
        d.catalyse("akt_phosphorylates_sin1_t86", step, d.needs("aAKT", 1.5e4), k, times=intact, why=YANG)
    d.convert(
        "pp_dephosphorylates_sin1_t86",
        mtorc2(T86="p") >> mtorc2(T86="u"),
        (1e-3, 0.3, "guess: within an hour of rapamycin"),
        why=LIU,
    )
    k = d.lose(
        "mtorc2_falls_apart",
        mtorc2(),
        (3e-5, 0.3, "half-life 6-24 h; Sarbassov 2006 Mol Cell 22:159"),
        why="Sarbassov 2006",
    )
    room = d.rate(
        "rapalog_keeps_mtor_from_mtorc2_K",
        (
            1.5e6,
            0.3,
            "guess: two fifths lost at 1e6 FKBP12, more in cells rich in it; Sarbassov 2006, Marz 2013",
        ),
    )
    d.make(
        "mtorc2_assembled",
        mtorc2(T86="u"),
        k * d["MTORC2_copies"] / (1 + d.needs("FKBP12_rapalog", 0.0) / room),
        why="FKBP12-rapamycin binds newly made mTOR and keeps it out of mTORC2; Sarbassov 2006",
    )
