"""`rewire calibrate`: a calibration from options to run folder, and the ensemble that ships.

In: a budget, a seed, a selection of findings; or a run folder to resume. Out: a run folder with members,
trace and report.
"""
