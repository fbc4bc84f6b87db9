"""Draws from prior and posterior as a netCDF file that ArviZ reads, with diagnostics of the chains.

Groups, as in the InferenceData schema: `posterior` and `prior` (decimal logarithms of the rates),
`posterior_predictive` and `prior_predictive` (margins of the findings), `log_likelihood` (of each report),
`sample_stats`, and `constant_data` (priors, and R-hat and effective draws of the whole chains, of which a
file may hold a part).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from calibration.objective.problem import Vector
from calibration.sample.diagnostics import Diagnostics
from models.core import files

FORMAT = "rewire.posterior/1"
_GROUPS = (
    "posterior",
    "posterior_predictive",
    "log_likelihood",
    "prior",
    "prior_predictive",
    "constant_data",
)


@dataclass(frozen=True)
class Draws:
    """Draws of prior and posterior, with margins and log likelihoods of the findings.

    Attributes
    ----------
    rates, units : tuple of str (n,)
    centre, sd : array (n,)
        Of the prior, in decimal logarithms.
    findings, reports : tuple of str
        Ids of the findings; reports are these and the ranges of untreated cells.
    z : array (chains, draws, n) [prior standard deviations]
    margin : array (chains, draws, findings) [log2]
    log_likelihood : array (chains, draws, reports)
        Of each report.
    prior_z, prior_margin : array (m, n), (m, findings)
    r_hat, bulk : array (findings,)
        Of the margins in the whole chains.
    about : mapping
        Plain values: where the draws come from.
    """

    rates: tuple[str, ...]
    units: tuple[str, ...]
    centre: Vector
    sd: Vector
    findings: tuple[str, ...]
    reports: tuple[str, ...]
    z: Vector
    margin: Vector
    log_likelihood: Vector
    prior_z: Vector
    prior_margin: Vector
    r_hat: Vector
    bulk: Vector
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def diagnostics(self) -> Diagnostics:
        """Of the findings' margins."""
        return Diagnostics(self.r_hat, self.bulk)

    def flat(self) -> tuple[Vector, Vector, Vector]:
        """Points, margins and log likelihoods of all chains one after the other."""
        return tuple(a.reshape(-1, a.shape[-1]) for a in (self.z, self.margin, self.log_likelihood))  # type: ignore[return-value]

    def thinned(self, most: int) -> Draws:
        """At most so many draws, evenly over chains and time."""
        chains, draws = self.z.shape[:2]
        each = min(draws, max(1, most // chains))
        at = np.linspace(0, draws - 1, each).round().astype(int)
        log_likelihood = self.log_likelihood[:, at]
        return replace(self, z=self.z[:, at], margin=self.margin[:, at], log_likelihood=log_likelihood)

    def tree(self) -> xr.DataTree:
        """As groups of labelled arrays."""
        rate = {"rate": list(self.rates)}
        unit = ("rate", list(self.units))
        finding, report = {"finding": list(self.findings)}, {"report": list(self.reports)}
        mcmc, first = ("chain", "draw"), {"chain": [0]}
        posterior = self.centre + self.sd * self.z
        prior = (self.centre + self.sd * self.prior_z)[None]
        log2, log10 = {"units": "log2"}, {"units": "decimal logarithm of the unit"}
        lp = self.log_likelihood.sum(2) - 0.5 * (self.z**2).sum(2)
        single = np.float32  # seven digits are more than a draw is worth, and half the size
        groups = {
            "posterior": xr.Dataset(
                {"log10_rate": ((*mcmc, "rate"), posterior.astype(single), log10)}, {**rate, "unit": unit}
            ),
            "posterior_predictive": xr.Dataset(
                {"margin": ((*mcmc, "finding"), self.margin.astype(single), log2)}, finding
            ),
            "log_likelihood": xr.Dataset(
                {"log": ((*mcmc, "report"), self.log_likelihood.astype(single))}, report
            ),
            "sample_stats": xr.Dataset({"lp": (mcmc, lp)}),
            "prior": xr.Dataset(
                {"log10_rate": ((*mcmc, "rate"), prior.astype(single), log10)},
                {**rate, "unit": unit, **first},
            ),
            "prior_predictive": xr.Dataset(
                {"margin": ((*mcmc, "finding"), self.prior_margin[None].astype(single), log2)},
                {**finding, **first},
            ),
            "constant_data": xr.Dataset(
                {
                    "prior_centre": ("rate", self.centre, log10),
                    "prior_sd": ("rate", self.sd, log10),
                    "r_hat": ("finding", self.r_hat),
                    "ess_bulk": ("finding", self.bulk),
                },
                {**rate, "unit": unit, **finding},
            ),
        }
        about = {"format": FORMAT, "inference_library": "rewire", **self.about}
        for name in ("posterior", "sample_stats"):
            groups[name].attrs.update(inference_library="rewire", created_at=str(about.get("created_at", "")))
        tree = xr.DataTree.from_dict(groups)
        tree.attrs.update(about)
        return tree

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        tree = self.tree()
        small = {
            f"/{name}": {str(v): {"zlib": True, "complevel": 6} for v in group.data_vars}
            for name, group in tree.children.items()
        }
        with files.beside(path) as part:
            tree.to_netcdf(part, engine="h5netcdf", encoding=small)

    @classmethod
    def load(cls, path: Path) -> Draws:
        """Read what `save` wrote."""
        what = "posterior file"
        if not path.is_file():
            raise files.wrong(
                path, "", f"not found, so this is no {what}", advice="`make posterior` makes one."
            )
        try:
            with xr.open_datatree(path, engine="h5netcdf") as tree:
                return cls._of(tree.load())
        except (OSError, KeyError, ValueError) as error:
            said = f"cannot be read ({type(error).__name__})"
            raise files.wrong(path, "", said, advice=f"This is no {what} of this version.") from None

    @classmethod
    def _of(cls, tree: xr.DataTree) -> Draws:
        if tree.attrs.get("format") != FORMAT:
            raise ValueError("another format")
        data = {name: tree[name].to_dataset() for name in _GROUPS}
        fixed = data["constant_data"]
        centre, sd = fixed["prior_centre"].values, fixed["prior_sd"].values
        about = {str(name): value for name, value in tree.attrs.items() if name != "format"}
        return cls(
            _names(fixed["rate"].values),
            _names(fixed["unit"].values),
            centre,
            sd,
            _names(fixed["finding"].values),
            _names(data["log_likelihood"]["report"].values),
            (data["posterior"]["log10_rate"].values - centre) / sd,
            data["posterior_predictive"]["margin"].values.astype(float),
            data["log_likelihood"]["log"].values.astype(float),
            (data["prior"]["log10_rate"].values[0] - centre) / sd,
            data["prior_predictive"]["margin"].values[0].astype(float),
            fixed["r_hat"].values,
            fixed["ess_bulk"].values,
            about,
        )


def _names(values: Any) -> tuple[str, ...]:
    return tuple(map(str, values))
