import numpy as np

from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.start import POLISHED
from calibration.optimize.state import Budget, Settings


def fitted(problem, seed, **settings):
    with Pool(problem=problem) as pool:
        return multistart.calibrate(pool, seed, Budget(members=1), Settings(**settings)).members[0]


def test_what_fails_is_pressed_until_it_holds_and_the_rest_stays_near():
    problem = Inequalities(100, 150, seed=2, bend=1.0)
    rough = fitted(problem, 2, content=0.9, press=1.0)
    fine = fitted(problem, 2, content=0.9, near=0.8, polish=1500.0)
    assert rough.hold < 150 and fine.hold == 150
    assert fine.reason.endswith(POLISHED) and POLISHED not in rough.reason
    assert fine.evaluations > rough.evaluations
    assert np.sqrt(np.mean((fine.z - rough.z) ** 2)) < 0.5


def test_a_start_that_is_far_off_is_not_polished():
    problem = Inequalities(100, 150, seed=2, bend=1.0)
    done = fitted(problem, 2, content=0.9, near=1.0)
    assert POLISHED not in done.reason


def test_a_start_at_which_all_holds_is_left_alone():
    problem = Inequalities(40, 60, seed=1)
    done = fitted(problem, 1)
    assert done.hold == 60 and POLISHED not in done.reason


def test_polishing_ends_when_its_time_is_up():
    problem = Inequalities(100, 150, seed=2, bend=1.0)
    rough = fitted(problem, 2, content=0.9, press=1.0)
    fine = fitted(problem, 2, content=0.9, near=0.8, polish=60.0)
    # a Jacobian, at most, is under way when the time is up
    assert rough.evaluations + 60 <= fine.evaluations <= rough.evaluations + 60 + problem.n + 20
    assert fine.reason == "long enough" + POLISHED or fine.hold == 150
