"""mTORC2, the S473 kinase: S6K phosphorylates its Sin1 and weakens it; long rapamycin keeps new mTOR out of it.

In: pS6K (or AKT, in the other hypotheses), FKBP12-rapalog. Out: mTORC2 activity.

Who phosphorylates Sin1 and what that does is contested (conflict C1); the default is what the seed says (Liu 2013).
*Left out*: direct activation by PIP3 (S473 needs docked AKT anyway), Rictor T1135.
"""

from pathway.builder import ModelBuilder

LIU = "S6K phosphorylates Sin1 T86/T398 and splits mTORC2; Liu 2013 Nat Cell Biol 15:1340"
YANG = (
    "AKT phosphorylates Sin1 T86; Yang 2015 Cell Rep 12:937 (activating), Liu 2013 (inhibiting, by context)"
)


def molecules(model: ModelBuilder) -> None:
    mtorc2 = model.Monomer(
        "MTORC2", ["T86"], {"T86": ["u", "p"]}, uniprot="P42345 Q6R327 Q9BPZ7", predicate="hasPart"
    )
    model.Parameter(
        "MTORC2_copies", 6e3, unit="copies/cell", description="mTORC2 (Rictor limits); synthesis scale"
    )
    model.Initial(mtorc2(T86="u"), model.Parameter("MTORC2_start", 6e3))
    model.Observable("pSIN1_T86", mtorc2(T86="p"), "Sin1 T86/T398 in mTORC2")
    model.Observable("tMTORC2", mtorc2(), "mTORC2 (mTOR-Rictor), total")
    model.Observable("MTORC2_u", mtorc2(T86="u"))


def activities(model: ModelBuilder) -> None:
    phosphorylated, bare = model["pSIN1_T86"], model["MTORC2_u"]
    if model.variants["sin1"] == "akt_activates":
        other = model.Parameter("sin1_t86u_mtorc2_x", 0.3, prior=0.3, source="guess")
        working = phosphorylated + other * bare
    else:
        other = model.Parameter("sin1_t86p_mtorc2_x", 0.5, prior=0.2, source="guess: half left")
        working = bare + other * phosphorylated
    model.Expression("aMTORC2", working * model.residual_activity("MTORC2"), "mTORC2 activity to AKT S473")


def rules(model: ModelBuilder) -> None:
    mtorc2 = model.monomers["MTORC2"]
    intact = model.Parameter(
        "SIN1_T86_T398_intact", 1.0, unit="1", description="1 = wild type, 0 = Sin1 T86A/T398A"
    )
    bare, phosphorylated = mtorc2(T86="u"), mtorc2(T86="p")
    if model.variants["sin1"] == "s6k_inhibits":
        s6k = model.needs("pS6K_active", 2e4)
        phosphorylate = model.Parameter(
            "s6k_phosphorylates_sin1_t86_kact",
            1.2e-7,
            prior=0.25,
            source="guess: minutes with all S6K on",
        )
        model.catalyze_one_step(
            "s6k_phosphorylates_sin1_t86", s6k * intact, bare, phosphorylated, phosphorylate, evidence=LIU
        )
    else:
        akt = model.needs("aAKT", 1.5e4)
        phosphorylate = model.Parameter(
            "akt_phosphorylates_sin1_t86_kact", 3e-8, prior=0.4, source="guess: minutes at a tenth of AKT"
        )
        model.catalyze_one_step(
            "akt_phosphorylates_sin1_t86", akt * intact, bare, phosphorylated, phosphorylate, evidence=YANG
        )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_sin1_t86_kcat", 1e-3, prior=0.3, source="guess: within an hour of rapamycin"
    )
    model.Rule("pp_dephosphorylates_sin1_t86", phosphorylated >> bare, dephosphorylate, evidence=LIU)
    turnover = model.Parameter(
        "mtorc2_falls_apart_kdeg", 3e-5, prior=0.3, source="half-life 6-24 h; Sarbassov 2006 Mol Cell 22:159"
    )
    model.degrade("mtorc2_falls_apart", mtorc2(), turnover, evidence="Sarbassov 2006")
    room = model.Parameter(
        "rapalog_keeps_mtor_from_mtorc2_K",
        1.5e6,
        prior=0.3,
        source="guess: two fifths lost at 1e6 FKBP12, more in cells rich in it; Sarbassov 2006, Marz 2013",
    )
    model.synthesize(
        "mtorc2_assembled",
        mtorc2(T86="u"),
        turnover * model["MTORC2_copies"] / (1 + model.needs("FKBP12_rapalog", 0.0) / room),
        evidence="FKBP12-rapamycin binds newly made mTOR and keeps it out of mTORC2; Sarbassov 2006",
    )
