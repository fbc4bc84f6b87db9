"""Simulators of others, each in a process of its own: libRoadRunner, COPASI, AMICI, BioNetGen.

In: a file in the engine's format and the times of the samples. Out: a table of time courses, or an
`EngineFailure`. They check what we export; no verdict of ours depends on them.
"""
