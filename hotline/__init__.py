"""The pure domain of the 12345 hotline: every rule, and nothing that touches the world.

No clock, no randomness, no I/O: time, identifiers and policy come in as arguments, so that the same
command on the same state gives the same facts today, in a replay and in an inspection years later.
"""
