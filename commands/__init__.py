"""The commands of `hotline`, one module each; `cli.py` puts them together (命令行)."""
