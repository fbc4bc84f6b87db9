"""`export` and `audit`: models as files, ours and anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rewire.api.arguments import Place, Say, path_of

if TYPE_CHECKING:
    from rewire.audit.score import Audit
    from rewire.export.proven_sbml import Exported


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
            path_of(ensemble),
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
        `sections`, each with a `score` from 0 to 100 or None; `findings`, the worst first; `score`, the mean.

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
