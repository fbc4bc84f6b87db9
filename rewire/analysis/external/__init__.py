"""Third-party models: `rewire calibrate --model` and `rewire check --model`.

In: a model file, findings, what is free; or a mapping file. Out: a fit in a run folder, or verdicts of our
findings on it.
"""
