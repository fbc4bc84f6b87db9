"""`rewire explain`: which rates and rules carry a finding.

In: a finding, the members of an ensemble. Out: derivatives of its margin by each rate, and the findings
that it trades with.
"""
