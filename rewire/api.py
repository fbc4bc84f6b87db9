"""The Python face: the model for PySB, and one function for each question that the command line answers.

Each reads what it is given, asks `rewire.analysis`, and gives back the answer; nothing is printed. Places are
paths or text. Doses and times are text with a unit, such as "300 nM" and "72 h"; competing hypotheses are
"NAME=CHOICE", as on the command line. `say` is called with each line that the command line would print while
it works. A mistake in a name, a file or a treatment is a `models.core.errors.UserError`, with all mistakes at
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pysb import Model

    from rewire.analysis.check.check import Checked
    from rewire.analysis.fit.calibrate import CalibrationOutcome
    from rewire.analysis.simulate.ensemble_band import EnsembleBand
    from rewire.audit.score import Audit
    from rewire.export.proven_sbml import Exported
    from rewire.report.tables import Table

Place = Path | str
Say = Callable[[str], None]


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
        folder = None if ensemble is None else Path(ensemble)
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


def check(
    contexts: Sequence[str] = (),
    *,
    ids: Sequence[str] = (),
    findings: Place | None = None,
    ensemble: Place | None = None,
    members: int | None = 20,
    variants: Sequence[str] = (),
    workers: int | None = None,
    say: Say | None = None,
) -> Checked:
    """Do the findings hold in the members of an ensemble?

    A margin [log2 of a fold change, where the finding is one] is positive where the finding holds.

    Parameters
    ----------
    contexts, ids : sequence of str
        Only findings in these cells; only these findings, by id or row.
    findings : path, optional
        Another folder of findings.
    ensemble : path, optional
        An ensemble or run folder; the shipped ensemble by default.
    members : int, optional
        How many, always the same ones; None for all.
    variants : sequence of str
        Competing hypotheses.
    workers : int, optional
        Processes; one a core by default.
    say : callable, optional

    Returns
    -------
    Checked
        `standings`, one a finding, with `id`, `verdict` and `margin`; `ok`, whether every fit finding holds.

    Raises
    ------
    models.core.errors.UserError

    Examples
    --------
    >>> import rewire
    >>> done = rewire.check(["mcf7"], ids=["S07"], members=2, workers=1)
    >>> [(one.id, one.verdict) for one in done.standings]
    [('S07_rapamycin_raises_irs1@mcf7', 'holds')]
    """
    from rewire.analysis.check import check as module

    return module.check(
        contexts, ids, _path(findings), _path(ensemble), members, variants, workers=workers, say=say
    )


def calibrate(
    out: Place | None = None,
    *,
    resume: Place | None = None,
    minutes: float | None = None,
    evaluations: float | None = None,
    seed: int = 1,
    findings: Place | None = None,
    variants: Iterable[str] = (),
    workers: int | None = None,
    say: Say | None = None,
) -> CalibrationOutcome:
    """Fit the rates to the findings, from independent draws of the prior.

    Parameters
    ----------
    out : path, optional
        A new run folder; a fresh one in ``runs/`` by default.
    resume : path, optional
        A run folder to resume instead: its seed, findings and hypotheses count.
    minutes, evaluations : float, optional
        Stop after so long [min] or so many evaluations of the whole problem, whichever comes first; 5 minutes
        by default.
    seed : int
        Of the prior draws. With `evaluations`, the same seed gives the same members to the bit.
    findings : path, optional
        Another folder of findings.
    variants : iterable of str
        Competing hypotheses.
    workers : int, optional
        Processes; one a core by default.
    say : callable, optional

    Returns
    -------
    CalibrationOutcome
        `folder`, with ``report.html`` and the ensemble in it; `standings`, one a finding; `members`, with `z`
        (members, parameters) [prior standard deviations]; `ok`, whether every fit finding holds.

    Raises
    ------
    models.core.errors.UserError

    Notes
    -----
    Gauss-Newton steps on the margins of the findings (docs/method.md).

    Examples
    --------
    >>> import rewire
    >>> done = rewire.calibrate("runs/small", evaluations=30, seed=7, workers=1)
    >>> (done.folder / "report.html").exists()
    True
    """
    from rewire.analysis.fit import calibrate as module
    from rewire.project.project import parse_variants

    return module.calibrate(
        folder=_path(out),
        resume=_path(resume),
        minutes=minutes,
        evaluations=evaluations,
        seed=seed,
        findings=_path(findings),
        variants=dict(parse_variants(variants)),
        workers=workers,
        say=say,
    )


def validate(
    by: Literal["finding", "paper", "context"] | None = None,
    *,
    only: Sequence[str] = (),
    refits: int = 2,
    evaluations: float = 600.0,
    seed: int = 1,
    ensemble: Place | None = None,
    members: int = 20,
    findings: Place | None = None,
    workers: int | None = None,
    say: Say | None = None,
) -> Table:
    """How well does the model predict what it was not fitted to?

    Parameters
    ----------
    by : str, optional
        What is left out together, and predicted by refits without it; by default nothing is refitted, and the
        validation findings are scored in an ensemble.
    only : sequence of str
        Leave out only these.
    refits : int
        For each that is left out, each from a prior draw.
    evaluations : float
        Of each refit.
    seed : int
        Of the prior draws.
    ensemble, members : path, int
        Whose members score the validation findings, and how many of them.
    findings : path, optional
        Another folder of findings.
    workers : int, optional
        Processes; one a core by default.
    say : callable, optional

    Returns
    -------
    Table
        `records`, one a prediction, as in ``rewire validate --json``.

    Raises
    ------
    models.core.errors.UserError

    Examples
    --------
    >>> import rewire
    >>> table = rewire.validate(members=2, workers=1)
    >>> len(table.records) > 5
    True
    """
    from rewire.analysis.validation import validate as module
    from rewire.analysis.validation.leave_out import RefitEffort

    return module.validate(
        by,
        only,
        RefitEffort(refits, evaluations, None, seed),
        ensemble=_path(ensemble),
        members=members,
        folder=_path(findings),
        workers=workers,
        say=say,
    )


def posterior(place: Place | None = None) -> tuple[Table, Table]:
    """How probable each finding is before and after the fit, and what the findings say of each rate.

    Parameters
    ----------
    place : path, optional
        A posterior file or the folder of a posterior run; the file that ships by default.

    Returns
    -------
    findings, rates : Table
        `records`, one a finding and one a rate; `extra` says how far the chains have converged (R-hat,
        effective draws).

    Raises
    ------
    models.core.errors.UserError

    Examples
    --------
    >>> import rewire
    >>> findings, rates = rewire.posterior()
    >>> one = findings.records[0]
    >>> bool(0 <= one["prior"] <= 1 and 0 <= one["posterior"] <= 1)
    True
    """
    from rewire.analysis.posterior import posterior as module

    return module.posterior(_path(place))


def export(
    form: str,
    out: Place,
    context: str = "",
    *,
    treat: Iterable[str] = (),
    genes: Iterable[str] = (),
    variants: Iterable[str] = (),
    member: int | Literal["best", "median"] = "best",
    ensemble: Place | None = None,
    settled: bool = True,
    created: str = "",
    verify: bool = True,
    force: bool = False,
    say: Say | None = None,
    **plain: str,
) -> Exported:
    """Write the model of some cells, with one member's rates, in another format.

    Parameters
    ----------
    form : str
        antimony, bngl, ensemble, net, omex, petab, pybnf, pysb or sbml.
    out : path
        The file or folder.
    context : str
        Name of the cells; "all" where a format takes that, and nothing where it holds no cells.
    treat, genes : iterable of str
        The treatment, as in `simulate`.
    variants : iterable of str
        Competing hypotheses.
    member : int, "best" or "median"
        Whose rates, as in `load_model`.
    ensemble : path, optional
        An ensemble or run folder; the shipped ensemble by default.
    settled : bool
        Start from the steady state of the cells, or from their abundances.
    created : str
        Date in the file, such as "2026-01-31"; today by default.
    verify : bool
        Run the file in other engines, and compare every observable with ours.
    force : bool
        Write over a file that exists.
    say : callable, optional
    plain
        `medium`, `grown_in`, `starve` of the treatment.

    Returns
    -------
    Exported
        `record`, what was written; `verification`, how far other engines are from our courses; `ok`.

    Raises
    ------
    models.core.errors.UserError

    Examples
    --------
    >>> import rewire
    >>> done = rewire.export("net", "mcf7.net", "mcf7", settled=False, verify=False)
    >>> done.ok, done.record["format"]
    (True, 'BioNetGen network')
    """
    from rewire.export import formats

    formats.check_options(form, context, ())
    return formats.export(
        formats.ExportRequest(
            form,
            Path(out),
            context,
            tuple(treat),
            tuple(genes),
            tuple(variants),
            str(member),
            plain,
            _path(ensemble),
            settled=settled,
            created=created,
            verify=verify,
            force=force,
            say=say,
        )
    )


def audit(
    path: Place,
    *,
    until: float | None = None,
    engines: bool = True,
    ignore_fast: bool = False,
    say: Say | None = None,
) -> Audit:
    """A test report for a kinetic model of anyone's.

    Parameters
    ----------
    path : path
        SBML (.xml, .sbml), BioNetGen (.bngl, .net), or a PySB module (.py), which is run.
    until : float, optional
        How long to simulate [the model's time unit]; until its steady state by default.
    engines : bool
        Whether to simulate at all.
    ignore_fast : bool
        Read fast reactions as ordinary ones.
    say : callable, optional

    Returns
    -------
    Audit
        `sections`, each with a `score` from 0 to 100 or None; `findings`, the worst first; `score`, their mean.

    Raises
    ------
    models.core.errors.UserError
        Where the file cannot be read or holds what is not supported.

    Examples
    --------
    >>> from pathlib import Path
    >>> import rewire
    >>> _ = Path("decay.bngl").write_text('''
    ... begin parameters
    ...   k 0.1
    ... end parameters
    ... begin molecule types
    ...   A()
    ... end molecule types
    ... begin seed species
    ...   A() 100
    ... end seed species
    ... begin observables
    ...   Molecules total A()
    ... end observables
    ... begin reaction rules
    ...   A() -> 0 k
    ... end reaction rules
    ... ''')
    >>> report = rewire.audit("decay.bngl", engines=False)
    >>> report.counts, 0 <= report.score <= 100
    ((1, 1), True)
    """
    from rewire.audit import score

    return score.audit(Path(path), until, engines, ignore_fast, say or (lambda _: None))


def _path(place: Place | None) -> Path | None:
    return None if place is None else Path(place)
