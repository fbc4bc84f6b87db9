"""`check`, `calibrate`, `validate` and `posterior`: the model and the findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rewire.api.arguments import Place, Say, path_of

if TYPE_CHECKING:
    from rewire.analysis.check.check import Checked
    from rewire.analysis.fit.calibrate import CalibrationOutcome
    from rewire.report.tables import Table


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
        `summaries`, one a finding, with `id`, `verdict` and `margin`; `ok`, whether every fit finding holds.

    Raises
    ------
    models.core.errors.UserError

    Examples
    --------
    >>> import rewire
    >>> done = rewire.check(["mcf7"], ids=["S07"], members=2, workers=1)
    >>> [(one.id, one.verdict) for one in done.summaries]
    [('S07_rapamycin_raises_irs1@mcf7', 'holds')]
    """
    from rewire.analysis.check import check as module

    return module.check(
        contexts, ids, path_of(findings), path_of(ensemble), members, variants, workers=workers, say=say
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
        `folder`, with ``report.html`` and the ensemble in it; `summaries`, one a finding; `members`, with `z`
        (members, parameters) [prior standard deviations]; `ok`, whether every fit finding holds.

    Raises
    ------
    models.core.errors.UserError

    Notes
    -----
    Gauss-Newton steps on the margins of the findings (docs/adr/0007-calibration.md).

    Examples
    --------
    >>> import rewire
    >>> done = rewire.calibrate("runs/small", evaluations=30, seed=7, workers=1)
    >>> (done.folder / "report.html").exists()
    True
    """
    from calibration.storage.run_folder import SavedRun
    from rewire.analysis.fit import calibrate as module
    from rewire.analysis.fit.options import CalibrationOptions
    from rewire.project.project import parse_variants

    if resume is None and minutes is None and evaluations is None:
        minutes = 5.0
    options = CalibrationOptions(
        folder=path_of(out),
        resume=None if resume is None else SavedRun.read(Path(resume)),
        minutes=minutes,
        evaluations=evaluations,
        seed=seed,
        findings=path_of(findings),
        variants=dict(parse_variants(variants)),
        workers=workers,
    )
    return module.calibrate(options, say=say or (lambda _: None))


def validate(
    by: Literal["finding", "paper", "context", "folds"] | None = None,
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
        ensemble=path_of(ensemble),
        members=members,
        folder=path_of(findings),
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

    return module.posterior(path_of(place))
