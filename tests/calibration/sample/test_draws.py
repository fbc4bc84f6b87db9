"""Draws as a file: what is written is read back, whole or not at all, and says how far the chains came."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from calibration.sample.diagnostics import Diagnostics
from calibration.sample.draws import Draws
from models.core.errors import UserError


def some_draws(chains=4, draws=30, n=3, findings=2, seed=0) -> Draws:
    rng = np.random.default_rng(seed)
    margin = rng.normal(0.2, 0.4, (chains, draws, findings))
    diagnostics = Diagnostics.from_draws(margin)
    reports = tuple(f"S{i}" for i in range(findings))
    return Draws(
        tuple(f"rate_{i}" for i in range(n)),
        ("1/s",) * n,
        rng.normal(size=n),
        np.full(n, 0.5),
        reports,
        (*reports, "range mcf7 0"),
        rng.normal(size=(chains, draws, n)),
        margin,
        np.log(rng.uniform(0.1, 1, (chains, draws, findings + 1))),
        rng.normal(size=(50, n)),
        rng.normal(-0.3, 1, (50, findings)),
        diagnostics.r_hat,
        diagnostics.bulk,
        {"ensemble": "posterior", "evaluations": 1234.0, "seed": 1},
    )


def test_what_is_written_is_read_back(tmp_path):
    draws = some_draws()
    draws.save(tmp_path / "p.nc")
    back = Draws.load(tmp_path / "p.nc")
    assert back.rates == draws.rates and back.units == draws.units and back.reports == draws.reports
    for name in ("z", "margin", "log_likelihood", "prior_z", "prior_margin"):
        assert getattr(back, name) == pytest.approx(getattr(draws, name), abs=1e-5)
    assert np.array_equal(back.r_hat, draws.r_hat) and np.array_equal(back.bulk, draws.bulk)
    assert back.about["evaluations"] == 1234.0
    assert [p.name for p in tmp_path.iterdir()] == ["p.nc"]


def test_groups_are_those_of_the_inference_data_schema(tmp_path):
    some_draws().save(tmp_path / "p.nc")
    with xr.open_datatree(tmp_path / "p.nc", engine="h5netcdf") as tree:
        assert set(tree.children) == {
            "posterior", "posterior_predictive", "log_likelihood", "sample_stats",
            "prior", "prior_predictive", "constant_data",
        }  # fmt: skip
        assert tree["posterior"]["log10_rate"].dims == ("chain", "draw", "rate")
        assert tree["prior"]["log10_rate"].dims == ("chain", "draw", "rate")
        assert tree["posterior"].attrs["inference_library"] == "rewire"


def test_a_part_keeps_the_diagnostics_of_the_whole():
    draws = some_draws()
    part = draws.thinned(20)
    assert part.z.shape == (4, 5, 3) and part.margin.shape == (4, 5, 2)
    assert np.array_equal(part.z[:, 0], draws.z[:, 0]) and np.array_equal(part.z[:, -1], draws.z[:, -1])
    assert np.array_equal(part.bulk, draws.bulk)


@pytest.mark.parametrize("content", [b"", b"CDF\x01 not one", b"\x89HDF\r\n\x1a\n cut short"])
def test_a_foreign_file_is_said_to_be_one(tmp_path, content):
    (tmp_path / "p.nc").write_bytes(content)
    with pytest.raises(UserError, match=r"p\.nc"):
        Draws.load(tmp_path / "p.nc")


def test_another_netcdf_file_is_no_posterior(tmp_path):
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "p.nc", engine="h5netcdf")
    with pytest.raises(UserError, match="no posterior file of this version"):
        Draws.load(tmp_path / "p.nc")


def test_nothing_is_left_where_the_disk_fails(tmp_path, monkeypatch):
    some_draws().save(tmp_path / "p.nc")
    before = (tmp_path / "p.nc").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.DataTree, "to_netcdf", full)
    with pytest.raises(UserError, match="No space left"):
        some_draws(seed=1).save(tmp_path / "p.nc")
    assert (tmp_path / "p.nc").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["p.nc"]


def test_chains_that_agree_have_mixed_and_those_apart_have_not():
    rng = np.random.default_rng(0)
    same = rng.normal(size=(4, 500, 2))
    assert Diagnostics.from_draws(same).converged
    apart = same + np.arange(4)[:, None, None]
    found = Diagnostics.from_draws(apart)
    assert np.all(found.r_hat > 1.5) and np.all(found.bulk < 20) and not found.converged


def test_a_margin_that_never_changes_does_not_count():
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(4, 500, 2))
    draws[..., 1] = 6.0
    found = Diagnostics.from_draws(draws)
    assert np.isnan(found.r_hat[1]) and found.converged
