"""The biology: PySB rules, one module per piece. Modules import nothing of each other; they meet through names.

Every module has up to three functions, given the `pathway.builder.ModelBuilder`, called for all modules in this order:

``molecules(model)``
    monomers, initial amounts, and observables: what an antibody would see;
``activities(model)``
    what the module's molecules do to others, as expressions of its own observables;
``rules(model)``
    the rules, with their evidence and their rates.
"""

MODULES = (
    "receptors",
    "her",
    "grb10",
    "irs1",
    "pi3k",
    "akt",
    "tsc",
    "mtorc1",
    "mtorc2",
    "foxo",
    "jak_stat",
    "il8",
    "erk",
    "cell_cycle",
    "growth",
)
"""The biology modules, in reading order."""

VARIANTS: dict[str, tuple[str, ...]] = {
    "sin1": ("s6k_inhibits", "akt_activates", "akt_inhibits"),
    "irs1_degradation": ("mtor", "pi3k"),
    "egfr_feedback": ("transcription", "kinase", "none"),
    "pip3_ras": ("on", "off"),
    "mtorc2_erk": ("off", "on"),
    "jak2_activation": ("irs1", "receptor"),
}
"""Competing hypotheses; the first of each is the default (what the seed papers say)."""
