"""Treatments to trajectories: steady state of the untreated cells, then each change in turn.

In: a network, parameter values, arms. Out: trajectories of observables, or a `Failure` as a value. One arm
at a time by bngsim (the reference), or all arms of a problem in one batch with derivatives.
"""
