"""The command line: one file a verb; it parses, calls and prints.

In: arguments. Out: the answer on stdout, all talk on stderr, an exit status.
"""
