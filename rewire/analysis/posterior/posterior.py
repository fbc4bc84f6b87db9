"""`rewire posterior`: how probable each finding is after all the others, and what was learnt about rates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from calibration.sample.diagnostics import DRAWS, R_HAT
from calibration.sample.draws import Draws
from calibration.sample.information_gain import InformationGain
from rewire.analysis.posterior.posterior_file import load_draws
from rewire.report.tables import Column, Record, Table, number


def posterior(place: Path | None = None) -> tuple[Table, Table]:
    """The tables of findings and of rates.

    Parameters
    ----------
    place : Path, optional
        A posterior file or run folder; the file that ships by default.
    """
    draws, path = load_draws(place)
    return findings_table(draws, path), rates_table(draws, path)


def convergence_verdict(draws: Draws) -> str:
    """What these draws may be called, in one sentence."""
    reached = draws.diagnostics.converged
    worst, fewest = float(np.nanmax(draws.r_hat)), float(np.nanmin(draws.bulk))
    verdict = "These are draws from the posterior" if reached else "NOT a posterior yet"
    share = np.mean(draws.r_hat < R_HAT)
    return (
        f"{verdict}: over all margins the largest R-hat is {worst:.2f} (below {R_HAT} wanted), the fewest "
        f"effective draws {fewest:.0f} ({DRAWS:.0f} wanted); {share:.0%} of the margins have R-hat below "
        f"{R_HAT}. {draws.about.get('evaluations', 0):,.0f} evaluations, {draws.about.get('hours', 0):.1f} h."
    )


def _extra(draws: Draws, path: Path) -> dict[str, Any]:
    return {
        "ensemble": "posterior",
        "file": path.name,
        "draws": int(np.prod(draws.z.shape[:2])),
        "reached": draws.diagnostics.converged,
        "r_hat_largest": float(np.nanmax(draws.r_hat)),
        "ess_fewest": float(np.nanmin(draws.bulk)),
        **{name: value for name, value in draws.about.items() if name != "ensemble"},
    }


def findings_table(draws: Draws, path: Path) -> Table:
    """A record a finding: the probability that it holds, before and after."""
    _, margin, log = draws.flat()
    before, after = (draws.prior_margin >= 0.0).mean(0), (margin >= 0.0).mean(0)
    low, middle, high = np.percentile(margin, (5, 50, 95), axis=0)
    report = np.exp(log[:, : len(draws.findings)]).mean(0)
    many = np.maximum(draws.bulk, 1.0)
    near = (many * after + 0.5) / (many + 1.0)  # of what held in every draw, one more might not have
    error = np.sqrt(near * (1.0 - near) / many)
    records: list[Record] = [
        {
            "id": name,
            "prior": before[i],
            "posterior": after[i],
            "error": error[i],
            "report": report[i],
            "margin": {"median": middle[i], "p05": low[i], "p95": high[i]},
            "r_hat": draws.r_hat[i],
            "ess": draws.bulk[i],
        }
        for i, name in enumerate(draws.findings)
    ]
    records.sort(key=lambda r: float(r["posterior"]))
    columns = [
        Column("finding", "id"),
        Column("holds: prior", lambda r: f"{r['prior']:.0%}", "right", whole=True),
        Column(
            "posterior",
            lambda r: f"{r['posterior']:.0%} ± {r['error']:.0%}",
            "right",
            lambda r: "red" if r["posterior"] < 0.5 else "",
            whole=True,
        ),
        Column("report", lambda r: f"{r['report']:.2f}", "right", whole=True),
        Column("margin [log2]", _range, "right", whole=True),
        Column("R-hat", lambda r: f"{r['r_hat']:.2f}", "right", whole=True),
        Column("draws", lambda r: f"{r['ess']:.0f}", "right", whole=True),
    ]
    likely, then = np.mean(after >= 0.5), np.mean(before >= 0.5)
    footer = [
        f"{likely:.0%} of the findings are more probable than not, {then:.0%} before; expected to hold "
        f"in one draw: {after.sum():.0f} of {len(after)}, {before.sum():.0f} before.",
        convergence_verdict(draws),
    ]
    return Table(
        "posterior", records, columns, "Findings, the least probable first", _extra(draws, path), footer
    )


def _range(record: Record) -> str:
    m = record["margin"]
    return f"{number(m['median'], 2)} [{number(m['p05'], 2)}, {number(m['p95'], 2)}]"


def rates_table(draws: Draws, path: Path) -> Table:
    """A record a rate: how much narrower than its prior, and by which findings."""
    z, _, log = draws.flat()
    found = InformationGain.from_draws(z, log[:, : len(draws.findings)])
    chance = 2.0 / max(1.0, float(np.nanmin(draws.bulk)))
    log10 = draws.centre + draws.sd * z
    records: list[Record] = [
        {
            "name": name,
            "unit": draws.units[i],
            "prior": {"log10": draws.centre[i], "sd": draws.sd[i]},
            "posterior": {"log10": log10[:, i].mean(), "sd": log10[:, i].std()},
            "narrowed": 1.0 - found.sd[i],
            "shift": found.mean[i],
            "by": [
                {"finding": draws.findings[f], "nats": found.nats[f, i]}
                for f in found.top_findings(i, chance)
            ],
        }
        for i, name in enumerate(draws.rates)
    ]
    records.sort(key=lambda r: -float(r["narrowed"]))
    columns = [
        Column("rate", "name", whole=True),
        Column("unit", "unit", whole=True),
        Column("prior log10", lambda r: _about(r["prior"]), "right", whole=True),
        Column("posterior log10", lambda r: _about(r["posterior"]), "right", whole=True),
        Column("narrowed", lambda r: f"{r['narrowed']:.0%}", "right", whole=True),
        Column("shift [prior sd]", lambda r: f"{r['shift']:+.1f}", "right", whole=True),
        Column("by", lambda r: ", ".join(f"{b['finding']} {b['nats']:.2f}" for b in r["by"])),
    ]
    many = int(np.sum(found.sd < 0.7))
    footer = [
        f"{many} of {len(records)} rates are narrowed by 30 % or more. `by`: the information [nats] that a "
        f"finding adds to what all others say; under {max(chance, 0.02):.2f} nothing is claimed.",
        convergence_verdict(draws),
    ]
    return Table("rates", records, columns, "Rates, the most narrowed first", _extra(draws, path), footer)


def _about(value: Record) -> str:
    return f"{value['log10']:.2f} ± {value['sd']:.2f}"
