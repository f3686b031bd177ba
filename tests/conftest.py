"""Fixtures for every suite."""

# `tests` itself is on the import path, because this file lies in it.
pytest_plugins = ["fixtures.stack"]
