"""What building the wheel does beside pyproject.toml: it places the console's files from npm."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithAssets(build_py):
    """A wheel has everything that the console serves; a development install has them by `make assets`."""

    def run(self) -> None:
        """Place the files, then copy packages as always."""
        if not self.editable_mode:
            sys.path.insert(0, str(Path(__file__).parent))
            from tools.assets import place  # noqa: PLC0415  the project itself, which is on no path before

            place()
        super().run()


setup(cmdclass={"build_py": BuildWithAssets})
