"""Repeat problems (重复性问题台账): a line per caller, matter and place, from the third request to cleared for good.

The same cut as a case: state, commands, facts, decide and evolve. A line holds no caller and no text: its
cases are numbers, and what tells that they are of one caller stays in store/problems.py.
"""
