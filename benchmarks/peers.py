"""Peers on the same problem, side by side in one run: `python -m benchmarks.peers`.

once    one evaluation of all findings, in our engine and in others
fit     findings that hold against wall and CPU time, from the same box, on the same cores
table   what a file of results says, as tables

Peers run in environments of their own: --python pybnf=…/bin/python, pypesto=…, amici=….
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks import once as single
from benchmarks import race as fits
from benchmarks.problems import PROBLEMS, make

Record = dict[str, Any]

_python = click.option(
    "--python", "pythons", multiple=True, metavar="TOOL=PATH", help="The Python of a peer's environment."
)
_problem = click.option(
    "--problem",
    type=click.Choice(list(PROBLEMS)),
    default="real",
    show_default=True,
    help="108 or 148 species.",
)
_context = click.option(
    "--context", "contexts", multiple=True, help="Only findings in these cells; for trials."
)
_out = click.option(
    "--out", type=click.Path(path_type=Path), help="JSON lines; what is in it already is not run again."
)


@click.group()
def main() -> None:
    """Peers on the same problem, side by side in one run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a tool that runs is ended too


@main.command()
@click.option("--tool", "tools", multiple=True, type=click.Choice(single.TOOLS), help="All by default.")
@click.option("--repeats", default=3, show_default=True)
@_problem
@_context
@_python
@_out
def once(
    tools: Sequence[str],
    repeats: int,
    problem: str,
    contexts: Sequence[str],
    pythons: Sequence[str],
    out: Path | None,
) -> None:
    """One evaluation of all findings, in our engine and in others."""
    known = _pythons(pythons)
    posed = make(problem, contexts, mapped=True)
    records = _read(out)
    for tool in tools or single.TOOLS:
        asked = {"what": "once", "problem": problem, "contexts": list(contexts), "tool": tool}
        if _there(records, asked):
            continue
        if tool in ("pybnf", "amici") and tool not in known:
            click.echo(f"{tool} is left out: --python {tool}=PATH names no Python.", err=True)
            continue
        told = {**asked, **_stamp(), **single.once(posed, tool, known, repeats)}
        _keep(told, records, out)
    _show_once([r for r in records if r["what"] == "once"])


@main.command()
@click.option("--tool", "tools", multiple=True, type=click.Choice(fits.TOOLS), help="All by default.")
@click.option("--minutes", default=10.0, show_default=True, help="Of search, without start-up.")
@click.option("--cores", default=2, show_default=True)
@click.option("--seed", "seeds", multiple=True, default=(1,), show_default=True)
@_problem
@_context
@_python
@_out
def fit(
    tools: Sequence[str],
    minutes: float,
    cores: int,
    seeds: Sequence[int],
    problem: str,
    contexts: Sequence[str],
    pythons: Sequence[str],
    out: Path | None,
) -> None:
    """Findings that hold against wall and CPU time, from the same box, on the same cores."""
    known = _pythons(pythons)
    posed = make(problem, contexts, mapped=True)
    records = _read(out)
    for seed in map(int, seeds):
        for tool in tools or fits.TOOLS:
            asked = fits.Race(problem, tuple(contexts), minutes, cores, seed)
            key = {
                **{"what": "fit", "problem": problem, "contexts": list(contexts), "tool": tool},
                **{"minutes": minutes, "cores": cores, "seed": seed},
            }
            needs = tool.split("-")[0]
            if _there(records, key):
                continue
            if needs in ("pybnf", "pypesto") and needs not in known:
                click.echo(f"{tool} is left out: --python {needs}=PATH names no Python.", err=True)
                continue
            click.echo(f"{tool}, seed {seed}: {minutes:g} min …", err=True)
            told = {**_stamp(), **fits.race(tool, asked, posed, known), **key}
            _keep(told, records, out)
    _show_fits([r for r in records if r["what"] == "fit"])


@main.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def table(file: Path) -> None:
    """What FILE says, as tables."""
    records = _read(file)
    _show_once([r for r in records if r["what"] == "once"])
    _show_fits([r for r in records if r["what"] == "fit"])


# --- files ------------------------------------------------------------------------------------------------
def _pythons(texts: Iterable[str]) -> dict[str, str]:
    known = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or name not in ("pybnf", "pypesto", "amici"):
            raise click.UsageError(f"--python {text!r}: write pybnf=PATH, pypesto=PATH or amici=PATH")
        if not Path(path).exists():
            raise click.UsageError(f"--python {text!r}: there is no such file")
        known[name] = str(Path(path).absolute())
    return known


def _stamp() -> Record:
    return {"date": time.strftime("%Y-%m-%d"), "machine": fits.machine()}


def _read(out: Path | None) -> list[Record]:
    if out is None or not out.exists():
        return []
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines() if line.strip()]


def _there(records: Iterable[Record], key: Record) -> bool:
    return any(all(record.get(name) == value for name, value in key.items()) for record in records)


def _keep(told: Record, records: list[Record], out: Path | None) -> None:
    records.append(told)
    if out is not None:
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


# --- tables -----------------------------------------------------------------------------------------------
def _row(cells: Iterable[object]) -> None:
    click.echo(f"| {' | '.join(map(str, cells))} |")


def _head(*cells: str) -> None:
    _row(cells)
    click.echo("|" + "---|" * len(cells))


def _show_once(records: Sequence[Record]) -> None:
    if not records:
        return
    click.echo("\nOne evaluation; seconds are medians, ours beside each peer in the same run.\n")
    _head("problem", "engine", "wall [s]", "CPU [s]", "ours [s]", "x wall", "x CPU", "largest difference")
    for r in records:
        problem = f"{r['problem']}: {r['species']} species, {r['treatments']} treatments"
        apart = f"{r['apart']:.1e}" if r.get("apart") is not None else "–"
        times = (f"{x:.3g}" for x in (r["wall"], r["cpu"], r["ours"]["wall"], r["x wall"], r["x cpu"]))
        _row((problem, r["version"], *times, apart))


def _reached(record: Record, what: str, value: float) -> tuple[float, float] | None:
    """Wall and CPU seconds after which a fit had as many findings, or as small a penalty."""
    for point in record["points"]:
        if (point["hold"] >= value) if what == "hold" else (point["penalty"] <= value):
            return point["wall"], point["cpu"]
    return None


def _show_fits(records: Sequence[Record]) -> None:
    for key in dict.fromkeys((r["problem"], r["minutes"], r["cores"], tuple(r["contexts"])) for r in records):
        problem, minutes, cores, _ = key
        own = [r for r in records if (r["problem"], r["minutes"], r["cores"], tuple(r["contexts"])) == key]
        click.echo(
            f"\n{problem}: {minutes:g} minutes on {cores} cores; rewire's time to what each tool reached.\n"
        )
        _head(
            *("tool", "seed", "start-up [s]", "evaluations", "hold", "penalty", "CPU [s]"),
            *("rewire held as many [s]", "share", "rewire as low [s]", "share"),
        )
        for r in own:
            if not r["points"]:
                _row((r["tool"], r["seed"], f"{r['startup']:.0f}", f"{r['evaluations']:.0f}", *"–" * 7))
                continue
            hold = max(p["hold"] for p in r["points"])
            low = min(p["penalty"] for p in r["points"])
            us = next((o for o in own if o["tool"] == "rewire" and o["seed"] == r["seed"]), None)
            cells: list[str] = []
            for what, value in (("hold", float(hold)), ("penalty", low)):
                at = _reached(us, what, value) if us is not None else None
                cells += [f"{at[0]:.0f}", f"{at[0] / (60.0 * minutes):.2f}"] if at else ["–", "–"]
            used = r["cpu"]
            count = f"{hold} of {r['of']}"
            _row(
                (
                    r["tool"],
                    r["seed"],
                    f"{r['startup']:.0f}",
                    f"{r['evaluations']:.0f}",
                    count,
                    f"{low:.2f}",
                    f"{used:.0f}",
                    *cells,
                )
            )
        _show_courses(own)


def _show_courses(records: Sequence[Record]) -> None:
    """Most findings that held until each share of the time."""
    shares = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    seconds = 60.0 * records[0]["minutes"]
    click.echo("\nMost findings that held in a best point, by wall time:\n")
    _head("tool", "seed", *(f"{share * seconds:.0f} s" for share in shares))
    for r in records:
        most = []
        for share in shares:
            held = [p["hold"] for p in r["points"] if p["wall"] <= share * seconds]
            most.append(str(max(held)) if held else "–")
        _row((r["tool"], r["seed"], *most))


if __name__ == "__main__":
    main()
