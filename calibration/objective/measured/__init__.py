"""Measured numbers beside the findings: PEtab's tables or tables mapped onto them.

In: measured points with noise and unknown scales. Out: residuals, with scales and offsets in closed form.
"""
