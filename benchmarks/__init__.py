"""Measurements, never tests: `make bench` prints them, docs/benchmarks.md keeps what was once measured."""
