"""`rewire verify`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, ensemble_option, json_option
from rewire.report.console import talk


@click.command("verify")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@ensemble_option
@json_option
def verify_verb(path: Path, ensemble: Path | None, as_json: bool) -> int:
    """Is FILE (SBML or a COMBINE archive) as `rewire export` wrote it? Lists every difference.

    Exit status 1 if it differs, 2 if it cannot be read or was not written by `rewire export`.

    \b
    Examples:
      rewire verify mcf7.xml
      rewire verify mcf7.xml --ensemble runs/A --json
    """
    from rewire.export.verify.omex_archive import verify_any as verify
    from rewire.export.verify.verify import table
    from rewire.report.tables import emit

    differences = verify(path, ensemble, talk().print)
    emit(table(path, differences), as_json)
    return FAILED if differences else DONE
