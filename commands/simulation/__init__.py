"""A city on a fast clock (模拟): people who call, decide, work and answer through the public API."""
