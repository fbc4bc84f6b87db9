import csv
from types import SimpleNamespace

import numpy as np
import pytest

from calibration.storage.ensemble import Ensemble, MemberOrigin
from models.core.errors import UserError


def space(names, centre=0.0, sd=0.5):
    n = len(names)
    return SimpleNamespace(names=list(names), centre_log10=np.full(n, centre), sd=np.full(n, sd))


def ensemble(members=6, n=8):
    z = np.random.default_rng(1).normal(size=(members, n))
    origins = [
        MemberOrigin(seed=1, start=i, hold=50, of=51, evaluations=700.5, seconds=9.25) for i in range(members)
    ]
    about = {"variants": {"sin1": "s6k_inhibits"}, "findings": "abc", "versions": {"python": "3.11"}}
    return Ensemble.from_z(space([f"k{i}" for i in range(n)], -3.0), z, origins, about), z


def test_reads_back_to_the_bit(tmp_path):
    one, z = ensemble()
    one.save(tmp_path / "e")
    two = Ensemble.load(tmp_path / "e")
    assert two.names == one.names and two.origins == one.origins and two.about == one.about
    assert np.array_equal(two.log10, one.log10) and np.array_equal(two.sd, one.sd)
    assert np.allclose(two.z, z)
    assert two.values(2)["k3"] == 10.0 ** (-3.0 + 0.5 * z[2, 3])


def test_saving_over_something_else_is_refused(tmp_path):
    one, _ = ensemble()
    one.save(tmp_path / "e")
    with pytest.raises(UserError, match="exists already"):
        one.save(tmp_path / "e")
    one.take([0, 1]).save(tmp_path / "e", replace=True)
    assert len(Ensemble.load(tmp_path / "e")) == 2
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "note.txt").write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        one.save(tmp_path / "f", replace=True)


def test_matches_by_name_and_says_what_differs():
    one, z = ensemble()
    now = space(["k7", "k2", "brand_new", "k0", "k1"], -3.0)
    now.centre_log10[1] = -2.0
    match = one.onto(now)
    assert match.new == ("brand_new",)
    assert match.removed == ("k3", "k4", "k5", "k6")
    assert match.changed == (("k2", (-3.0, 0.5), (-2.0, 0.5)),)
    assert np.allclose(match.z[:, 0], z[:, 7])
    assert np.allclose(match.z[:, 1], z[:, 2] - 2.0)  # the same value, seen from another prior
    assert np.all(match.z[:, 2] == 0.0)


def test_another_model_is_refused_under_half():
    one, _ = ensemble()
    one.onto(space(["k0", "k1", "x", "y"], -3.0))
    with pytest.raises(UserError, match="1 of 3 parameters"):
        one.onto(space(["k0", "x", "y"], -3.0))


def test_distance_is_the_median_pair():
    z = np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 3.0]])
    origins = [MemberOrigin(1, i, 1, 1, 1.0, 1.0) for i in range(3)]
    assert Ensemble.from_z(space("ab"), z, origins, {}).distance() == pytest.approx(2.0)
    assert np.isnan(Ensemble.from_z(space("ab"), z[:1], origins[:1], {}).distance())


def test_subset_is_fixed_and_spread():
    one, _ = ensemble(members=33)
    starts = [o.start for o in one.subset().origins]
    assert starts == [o.start for o in one.subset().origins]
    assert len(set(starts)) == 20 and starts[0] == 0 and starts[-1] == 32
    assert len(one.subset(40)) == 33


@pytest.mark.parametrize("damage", ["cut", "word", "nan", "member", "no_table", "doubled"])
def test_damaged_files_are_refused_with_words(tmp_path, damage):
    one, _ = ensemble()
    one.save(tmp_path / "e")
    path = tmp_path / "e" / "members.csv"
    text = path.read_text()
    rows = list(csv.reader(text.splitlines()))
    match damage:
        case "cut":
            path.write_text(text[: len(text) - 30])
        case "word":
            path.write_text(text.replace(rows[2][3], "many"))
        case "nan":
            path.write_text(text.replace(rows[2][3], "nan"))
        case "member":
            path.write_text("\n".join(line.rsplit(",", 1)[0] for line in text.splitlines()))
        case "no_table":
            path.unlink()
        case "doubled":
            path.write_text(text + text.splitlines()[-1] + "\n")
    with pytest.raises(UserError, match=r"members\.csv"):
        Ensemble.load(tmp_path / "e")
