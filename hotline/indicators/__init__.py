"""Indicators (考核指标): what counts for a unit and why, as a fold of each case's ledger and nothing else.

`definitions` says what every rate is; `counting` decides row by row; `figures` adds rows up, ranks units and
tells how sure a rate is; `months` says when a month's figures stand for good. Sources: domain.md §5, §9, §12 rule 20.
"""
