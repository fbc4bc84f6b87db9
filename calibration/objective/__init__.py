"""From a point in parameter space to margins, log likelihood and their derivatives.

In: findings, cells, settings; then points in prior standard deviations. Out: terms (n_terms,) [log2] with
derivatives, through `problem.Problem`, which is all that optimisers and samplers see.
"""
