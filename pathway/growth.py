"""A growth read-out, not a mechanism: a weighted geometric mean of outputs, with weights fixed before any fit.

It stands in for tumour volume over days. It has no feedback on anything, and its value means nothing by itself: only
ratios between treatments of one context are read. The weights: cyclin D (what ERK, STAT5 and translation give) 0.3,
E2F output, 4E-BP1, ERK and survival (AKT output) 0.15 each, S6 0.1.
*Left out*: cell counts, death, time.
"""

from typing import TYPE_CHECKING

from pathway.builder import ModelBuilder

if TYPE_CHECKING:
    from pysb import Formula

WEIGHTS = {
    "tCCND1": (0.30, 1e4),
    "E2F_free": (0.15, 1.0),
    "p4EBP1_T37": (0.15, 5.4e4),
    "pERK": (0.15, 8e5),
    "survival": (0.15, 1.0),
    "pS6_S240": (0.10, 1e6),
}
"""Read-out: (weight, scale at which it counts as 1)."""

FLOOR = 0.01
"""What is left of a read-out that is off, so that no single one can stop growth by itself."""


def activities(model: ModelBuilder) -> None:
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
