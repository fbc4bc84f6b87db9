"""`load_model` and `simulate`: cells, their rates, and what happens in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rewire.api.arguments import Place, Say, path_of

if TYPE_CHECKING:
    from pysb import Model

    from rewire.analysis.simulate.ensemble_band import EnsembleBand


def load_model(
    context: str | None = None,
    member: int | Literal["best", "median"] | None = None,
    variants: Iterable[str] = (),
    *,
    ensemble: Place | None = None,
    steady_state: bool = False,
) -> Model:
    """The model as a plain `pysb.Model`, for PySB's simulators, exporters and tools.

    It is made anew at each call, so it may be changed. Amounts are in copies/cell, times in seconds, and
    ligands in nM (parameters such as ``EGF_nM``). A drug is a load of its target, ``load_<target>``: its dose
    over the dose that halves the target's activity. Monomers carry UniProt accessions and rules the DOIs of
    their evidence, as `pysb.Annotation`.

    Parameters
    ----------
    context : str, optional
        Name of the cells, such as "mcf7": sets abundances, mutations and the ligands of their medium, and the
        hypotheses that these cells go by. Without it the shared defaults stand, and no ligand is there.
    member : int, "best" or "median", optional
        Whose rates: a member of the ensemble by its number from 0, the one that holds most findings, or the
        one nearest to all others. First guesses by default.
    variants : iterable of str
        Competing hypotheses, such as "sin1=akt_activates".
    ensemble : path, optional
        An ensemble or run folder; the shipped ensemble by default.
    steady_state : bool
        Start from the steady state of these cells in their medium, with one ``<species>_start`` parameter a
        species; by default from the abundances, before anything has reacted.

    Returns
    -------
    pysb.Model

    Raises
    ------
    models.core.errors.UserError
        For an unknown cell, member, hypothesis or ensemble; or where the cells reach no steady state.

    Notes
    -----
    PySB expands the rules with BioNetGen, which needs Perl.

    Examples
    --------
    >>> import rewire
    >>> model = rewire.load_model("mcf7", member="best")
    >>> model
    <Model 'rewire' (monomers: 42, rules: 148, ...
    >>> model.get_annotations(model.monomers["EGFR"])
    [Annotation(EGFR, 'https://identifiers.org/uniprot:P00533', 'is')]

    From there on it is PySB's::

        from pysb.simulator import ScipyOdeSimulator
        done = ScipyOdeSimulator(model, tspan=range(0, 86400, 600)).run()
        done.observables["pAKT_S473"]
    """
    from models.assemble import assemble
    from models.export.pysb.cell_model import set_values, start_from
    from models.network import network_text
    from models.simulation.engine import Engine
    from models.treatments.conditions import conditions
    from rewire.analysis.simulate.ensemble_band import read_arm
    from rewire.export.request import member_number, resting
    from rewire.project.members import load_members
    from rewire.project.project import load_project, parse_variants

    world = load_project(parse_variants(variants))
    arm = None if context is None else read_arm(world, context)
    if arm is not None and (own := world.contexts[arm.context].variants):
        world = load_project(tuple(sorted({**dict(world.variants), **own}.items())))
    values: dict[str, float] = {}
    if member is not None:
        folder = path_of(ensemble)
        members = load_members(world, folder, None)
        values = members.values[member_number(str(member), members, folder)]
    settings: Mapping[str, float] = {}
    if arm is not None:
        defaults = {name: setting.default for name, setting in world.built.settings.items()}
        cells = world.contexts[arm.context]
        settings = conditions(arm, cells, world.catalogue, world.media, world.genes, values, defaults).rest
    model: Model = assemble(dict(world.variants)).model
    set_values(model, {**values, **settings})
    if steady_state:
        start_from(model, resting(Engine(network_text(model), compiled=False), {}))
    return model


def simulate(
    context: str,
    treat: Iterable[str] = (),
    until: str = "72 h",
    observables: Sequence[str] = (),
    *,
    genes: Iterable[str] = (),
    ensemble: Place | None = None,
    members: int | None = 20,
    points: int = 145,
    variants: Iterable[str] = (),
    say: Say | None = None,
    **plain: Any,
) -> EnsembleBand:
    """One treatment of one kind of cell, simulated with the members of an ensemble.

    Parameters
    ----------
    context : str
        Name of the cells.
    treat : iterable of str
        Drugs and ligands with their schedules: "BEZ235=300 nM", "reparixin=1 uM@24 h".
    until : str
        How long.
    observables : sequence of str
        Which; a usual selection by default.
    genes : iterable of str
        Changed genes, such as "GRB10=knock-out".
    ensemble : path, optional
        An ensemble or run folder; the shipped ensemble by default.
    members : int, optional
        How many members, always the same ones; None for all.
    points : int
        Times, evenly spaced from 0 to `until`.
    variants : iterable of str
        Competing hypotheses.
    say : callable, optional
    plain
        `medium`, `grown_in`, `starve`, `renew_medium` of the treatment.

    Returns
    -------
    EnsembleBand
        `times` (points,) [s] and `copies` (members, points, observables) [unit of each observable]; not a
        number for a member whose integration failed.

    Raises
    ------
    models.core.errors.UserError

    Examples
    --------
    >>> import rewire
    >>> shown = ["pS6K_T389", "tIRS1"]
    >>> band = rewire.simulate("mcf7", ["rapamycin=20 nM"], "2 h", shown, members=2, points=5)
    >>> band.copies.shape
    (2, 5, 2)
    >>> s6k = band.of("pS6K_T389")
    >>> bool((s6k[:, -1] < 0.2 * s6k[:, 0]).all())
    True
    """
    from rewire.analysis.simulate import ensemble_band

    return ensemble_band.simulate(
        context,
        treat,
        until,
        observables,
        genes=genes,
        ensemble=ensemble,
        members=members,
        points=points,
        variants=variants,
        say=say,
        **plain,
    )
