"""One cell with its parameters and its treatment, in the formats of other tools.

In: `content.Content`. Out: the text of a file. Each folder is a format, and also reads or runs it if that
does not need our own engine.
"""
