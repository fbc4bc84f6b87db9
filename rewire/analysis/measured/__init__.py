"""How an ensemble agrees with measured points, beside the findings.

In: residuals of the members. Out: records of fit, a table.
"""
