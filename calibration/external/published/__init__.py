"""Published models asked about our findings through a mapping file; nothing is fitted.

In: SBML, and a TOML file that says what stands for what. Out: verdicts, or why a finding cannot be
evaluated.
"""
