"""Accountability (追责问责): from a clue 问题线索 to the end of a sanction's effect, as rules without I/O.

The same cut as for cases: state, commands, facts, decide, evolve, obligations (domain.md §7).
"""
