"""Growth and survival, read from the other modules; nothing else reads them.

In: E2F, 4E-BP1, S6, ERK, nuclear STAT5 (division) and nuclear FOXO (death). Out, by the variant `growth`:

``rate`` (default)
    cells divide at a rate that saturates with the product of their drives, and die as FOXO enters the nucleus. `growth` is
    the number of cells after 72 h at the present rate, for one at the start. Over an assay `growth_rate` is integrated (GR value).
``fixed_weights``
    a weighted geometric mean of outputs with weights fixed beforehand; only ratios between treatments of one context mean
    something.

*Left out*: phases of the cycle, senescence, other causes of death, drugs with effects of their own on cells.
"""

from typing import TYPE_CHECKING

from pathway.builder import ModelBuilder

if TYPE_CHECKING:
    from pysb import Formula

FITTED = "fit to DU145 pairs (Flobak 2019) and growth findings: benchmarks/growth_weights.py"
"""Source of the weights; the reading is in docs/adr/0012-growth.md."""

DRIVES = {
    "E2F_free": ("e2f_drives_division_x", 1.31, 1.0),
    "p4EBP1_T37": ("cap_translation_drives_division_x", 1.22, 3e4),
    "pS6_S240": ("s6_drives_division_x", 10.3, 2e5),
    "pERK": ("erk_drives_division_x", 0.307, 5e4),
    "nSTAT5": ("stat5_drives_division_x", 0.0562, 1e2),
}
"""Reading: (its weight, the weight's value, the amount of the reading at which the drive is 1 + weight)."""

ERK_HALVES_BIM = 5e4
"""pERK [copies/cell] that halves what FOXO's death genes do (ERK marks BIM for the proteasome); a guess, not fitted."""

STEPS = 8
"""Steps in which 72 h are counted: exponents in the pathway are numbers, so that they have exact slopes and units."""

STEP_S = 72 * 3600 / STEPS

WEIGHTS = {
    "tCCND1": (0.30, 1e4),
    "E2F_free": (0.15, 1.0),
    "p4EBP1_T37": (0.15, 5.4e4),
    "pERK": (0.15, 8e5),
    "survival": (0.15, 1.0),
    "pS6_S240": (0.10, 1e6),
}
"""Of the variant with fixed weights: reading: (weight, scale at which it counts as 1)."""

FLOOR = 0.01
"""There, what is left of a reading that is off, so that no single one can stop growth by itself."""


def activities(model: ModelBuilder) -> None:
    if model.variants["growth"] == "rate":
        growth_as_a_rate(model)
    else:
        growth_with_fixed_weights(model)


def growth_as_a_rate(model: ModelBuilder) -> None:
    """Division less death; a cell that is short of one drive still divides, one that is short of two hardly does."""
    drive: Formula | int = 1
    for name, (weight, value, scale) in DRIVES.items():
        share = model.Parameter(weight, value, prior=0.3, source=FITTED)
        drive = drive * (1 + share * model.needs(name, scale / 2) / scale)
    half = model.Parameter("drive_halves_division_x", 7.3, prior=0.3, source=FITTED)
    model.Expression("division_drive", drive)
    model.Expression(
        "dividing",
        model["division_drive"] ** 2 / (model["division_drive"] ** 2 + half**2),
        "division rate as a share of the fastest",
        "1",
    )
    kill = model.Parameter("foxo_kills_K", 4060.0, prior=0.2, source=FITTED)
    bim = 1 / (1 + model.needs("pERK", 1e5) / ERK_HALVES_BIM)
    model.Expression("death_genes", model.needs("nFOXO", 2e3) * bim)
    model.Expression(
        "survival",
        1 / (1 + (model["death_genes"] / kill) ** 2),
        "survival: AKT keeps FOXO from its death genes, and ERK removes BIM",
        "1",
    )
    divide = model.Parameter(
        "cells_divide_kcat", 9e-6, prior=0.1, source="guess: at best a doubling in 21 h; general knowledge"
    )
    die = model.Parameter("cells_die_kcat", 1.06e-5, prior=0.3, source=FITTED)
    model.Expression(
        "growth_rate",
        divide * model["dividing"] - die * (1 - model["survival"]),
        "growth rate of the number of cells: division less death",
        "1/s",
    )
    # a quotient, so that it stays positive whatever the rates
    divided, died = STEP_S * divide * model["dividing"], STEP_S * die * (1 - model["survival"])
    model.Expression("growth_in_a_step", (1 + divided) / (1 + died))
    model.Expression(
        "growth",
        model["growth_in_a_step"] ** STEPS,
        "growth: cells after 72 h at the present growth rate, for one at the start",
        "1",
    )


def growth_with_fixed_weights(model: ModelBuilder) -> None:
    """The proxy that growth was before there were data to fit to."""
    foxo = model.needs("nFOXO", 2e3)
    model.Expression(
        "survival",
        1 / (1 + foxo / 4e3),
        "survival: AKT keeps FOXO from its death genes (half at 4,000 nuclear copies)",
        "1",
    )
    product: Formula | int = 1
    for name, (weight, scale) in WEIGHTS.items():
        product = product * (FLOOR + model.needs(name, scale / 2) / scale) ** weight
    model.Expression(
        "growth",
        product,
        "growth proxy: weighted geometric mean of cell-cycle, translation, ERK and survival outputs",
        "1",
    )
