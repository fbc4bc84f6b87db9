"""The literature: one file a paper, in folders by topic; `validation/` holds what is never fitted.

In: what people write from papers. Out: TOML files, read by `claims`.
"""
