"""`rewire posterior`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, json_option
from rewire.report.console import talk


@click.command("posterior")
@click.argument("place", metavar="[FILE|FOLDER]", type=click.Path(path_type=Path), required=False)
@click.option("--rates", is_flag=True, help="How much the findings narrow each rate.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write both tables as a page.")
@json_option
def posterior_verb(place: Path | None, rates: bool, html: Path | None, as_json: bool) -> int:
    """How probable each finding is, before and after, and how much the findings narrow each rate.

    From a posterior file or the folder of a posterior run, also of a third-party model (`rewire sample`); the
    shipped file by default. The satisfying ensemble is different: see `rewire check`.

    \b
    Examples:
      rewire posterior
      rewire posterior --rates
      rewire posterior runs/posterior --html posterior.html
    """
    from rewire.analysis.posterior.posterior import posterior
    from rewire.report.tables import emit

    findings, by_rate = posterior(place)
    if html is not None:
        from rewire.report.posterior_page import write_page

        write_page(html, findings, by_rate)
        talk().print(f"Written: {html}")
    emit(by_rate if rates else findings, as_json)
    return DONE
