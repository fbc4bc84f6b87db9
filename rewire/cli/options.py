"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path

import click

folder = click.Path(exists=True, path_type=Path)
variant_option = click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
ensemble_option = click.option(
    "--ensemble", type=folder, help="An ensemble or run folder; the shipped one by default."
)
accept_option = click.option(
    "--accept-changes",
    "accept",
    is_flag=True,
    help="Resume although versions, engine or model have changed.",
)
