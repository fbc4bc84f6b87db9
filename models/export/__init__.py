"""One cell with its parameters and its treatment, as text in the formats of other tools.

In: `content.Content`, which says what is to be written. Out: the text of a file; each folder is a format,
and runs and reads it where that needs no engine of ours.
"""
