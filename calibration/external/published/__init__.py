"""Models of others, as they were published, asked about our findings through a small mapping file.

Nothing is fitted here. `published` reads the SBML, `mapping` the file that says what stands for what,
`treatment` turns our arms into settings of their model, `engine` runs them, `verdicts` scores.
"""
