"""Measurements, never tests: `make bench` makes them, docs/benchmarks.md says how to read them."""
