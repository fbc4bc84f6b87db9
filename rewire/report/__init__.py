"""Presentation of results: tables, plots, pages and progress, on stdout and stderr.

In: records. Out: text, JSON with a schema version, HTML (from `templates/`).
"""
