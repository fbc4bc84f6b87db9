"""Third-party models: `rewire calibrate --model`, and what else is asked of them or of their run folders.

In: a model file, findings, what is free, or a run folder of these; or a mapping file. Out: a fit in a run
folder, tables and a page on it, draws of its posterior; or verdicts of our findings on it.
"""
