"""The command `rewire`: parse, call, print. No science.

Verbs import what they need when called, so that `rewire --help` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from models.core.errors import UserError
from rewire import __version__
from rewire.report.console import talk

DONE, FAILED, MISUSE = 0, 1, 2
"""Exit status: done; findings or checks failed; misuse."""

VERBS = (
    "audit",
    "calibrate",
    "check",
    "cohort",
    "conflicts",
    "coverage",
    "diff",
    "ensemble",
    "explain",
    "export",
    "knockouts",
    "list",
    "posterior",
    "report",
    "sample",
    "simulate",
    "validate",
    "verify",
)
"""Each in a module of its name, imported when the verb is used."""

RENAMED = {
    "--lanes": "--parallel-starts",
    "--warm": "--warmup",
    "--settled": "--steady-state",
    "--unsettled": "--initial-amounts",
}
"""Options of version 0.1 and their names now: they keep working for one version, with a notice."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Verbs(click.Group):
    """Finds a verb in its module, and names the nearest one where there is none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"rewire.cli.{cmd_name}"), f"{cmd_name}_verb")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from models.core.errors import nearest

            near = nearest(args[0], VERBS)
            ctx.fail(
                f"no verb {args[0]!r}"
                + (f"; did you mean {near!r}?" if near else f"; verbs: {', '.join(VERBS)}")
            )
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="rewire")
def main() -> None:
    """How cells rewire PI3K-AKT-mTOR signalling under drugs.

    The answer goes to stdout, everything else to stderr. Exit status: 0 done, 1 findings or checks
    failed, 2 misuse.

    \b
    Examples:
      rewire check
      rewire simulate mcf7 --treat "rapamycin=20 nM" --until 24h
      rewire calibrate --minutes 5
    """


def with_new_names(args: list[str]) -> list[str]:
    """The command line with renamed options under their new names; each one is reported."""
    given = []
    for arg in args:
        option, equals, value = arg.partition("=")
        new = RENAMED.get(option)
        if new:
            talk().print(f"note: {option} is now {new}; the old name goes with the next version.")
        given.append(f"{new}{equals}{value}" if new else arg)
    return given


def run(args: list[str] | None = None) -> None:
    """Run a command line and leave with its status; mistakes are reported without a traceback."""
    try:
        given = with_new_names(sys.argv[1:] if args is None else args)
        status = main.main(args=given, prog_name="rewire", standalone_mode=False)
    except UserError as error:
        for problem in error.problems:
            talk().print(f"error: {problem}", markup=False, style="red")
        status = MISUSE
    except click.exceptions.Abort:
        talk().print("Stopped.")
        status = 130
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except BrokenPipeError:  # `rewire list rules | head` is no mistake
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = DONE
    sys.exit(status if isinstance(status, int) else DONE)


def json_option(command: Command) -> Command:
    """`--json`, the same everywhere."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the answer as JSON, with a schema version."
    )(command)


# --- options that several verbs share -----------------------------------------------------------------------
folder = click.Path(exists=True, path_type=Path)
variant_option = click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
ensemble_option = click.option(
    "--ensemble", type=folder, help="An ensemble or run folder; the shipped one by default."
)


def external_options(findings: bool = True) -> Callable[[Command], Command]:
    """Options that name a third-party problem by its files."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)

    def add(command: Command) -> Command:
        free = "What is free in --model. [default: free.toml beside the findings or the model]"
        command = click.option("--free", type=file, help=free)(command)
        if findings:
            said = "With --model: its arms, findings, constraints and data."
            command = click.option("--findings", type=folder, help=said)(command)
        said = "A third-party model: .bngl, .net, .xml, .sbml; or .py, which is run (docs/any-model.md)."
        return click.option("--model", type=file, help=said)(command)

    return add


def refuse(what: str, given: Mapping[str, object]) -> None:
    """Refuse options that mean nothing for a third-party model: all of them at once."""
    if wrong := [name for name, value in given.items() if value]:
        raise click.UsageError(f"{what} goes without {', '.join(wrong)}")


def work_options(folder: str, what: str) -> Callable[[Command], Command]:
    """Options of a verb that works for hours in a run folder and writes what ships."""

    def add(command: Command) -> Command:
        for option in reversed(
            (
                click.option(
                    "--minutes",
                    default=600.0,
                    show_default=True,
                    type=click.FloatRange(0, min_open=True),
                    help="Stop after so long.",
                ),
                click.option("--seed", default=1, show_default=True, type=click.IntRange(0)),
                click.option(
                    "--work",
                    default=Path(folder),
                    show_default=True,
                    type=click.Path(path_type=Path),
                    help="The run folder, from which the same command resumes.",
                ),
                click.option("--out", type=click.Path(path_type=Path), help=f"[default: {what}]"),
                click.option(
                    "--accept-changes",
                    "accept",
                    is_flag=True,
                    help="Resume although versions, engine or model have changed.",
                ),
            )
        ):
            command = option(command)
        return command

    return add
