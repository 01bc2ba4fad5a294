"""Compiles the two parts that are written in C when the project is built or installed, where a compiler is at hand.

Without one, the same is done in Python, slower.
"""

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = (Path("schemas/plain_event.c"), Path("projections/recorder/packed_fields.c"))
FLAGS = ("-O3", "-fPIC", "-shared", "-fvisibility=hidden")


class CompiledParts(BuildHookInterface[Any]):
    """Puts each compiled module beside its source."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile; a wheel that has the module is for this machine's kind alone."""
        compiled = [self._compile(source) for source in SOURCES]
        if any(compiled):
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def _compile(self, source: Path) -> bool:
        path = Path(self.root) / source
        module = path.with_name(path.stem + str(sysconfig.get_config_var("EXT_SUFFIX")))
        module.unlink(missing_ok=True)
        command = [os.environ.get("CC", "cc"), *FLAGS, f"-I{sysconfig.get_path('include')}"]
        try:
            subprocess.run([*command, str(path), "-o", str(module)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"{source} is not compiled ({error}): Python does the same, slower")
            return False
        return True
