import numpy as np

from calibration import fit
from calibration.polish import POLISHED, polish
from calibration.pool import Pool
from calibration.state import Budget, Settings
from calibration.trial import Inequalities


def test_what_fails_is_pressed_until_it_holds_and_the_rest_stays_near():
    problem = Inequalities(100, 150, seed=2, bend=1.0)
    with Pool(problem=problem) as pool:
        state = fit.calibrate(pool, 2, Budget(members=1), Settings(content=0.9))
        rough = state.members[0]
        fine = polish(pool, rough, evaluations=1500.0)
    assert rough.hold < 150 and fine.hold == 150
    assert fine.start == rough.start and fine.reason == rough.reason + POLISHED
    assert fine.evaluations > rough.evaluations
    assert np.sqrt(np.mean((fine.z - rough.z) ** 2)) < 0.5


def test_a_point_at_which_all_holds_is_left_alone():
    problem = Inequalities(40, 60, seed=1)
    with Pool(problem=problem) as pool:
        done = fit.calibrate(pool, 1, Budget(members=1, evaluations=3000)).members[0]
        again = polish(pool, done)
    assert done.hold == 60 and np.array_equal(again.z, done.z)
