"""How results look: tables, pictures, pages, progress, and the two voices stdout and stderr.

In: records. Out: text, JSON with a schema version, HTML (from `templates/`).
"""
