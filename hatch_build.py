"""Compiles `schemas/plain_event.c` when the project is built or installed, where a C compiler is at hand.

Without one, plain events are read in Python like all others: the same, and slower.
"""

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("schemas/plain_event.c")
FLAGS = ("-O3", "-fPIC", "-shared", "-fvisibility=hidden")


class CompiledParts(BuildHookInterface[Any]):
    """Puts the compiled module beside its source."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile; a wheel that has the module is for this machine's kind alone."""
        source = Path(self.root) / SOURCE
        module = source.with_name(source.stem + str(sysconfig.get_config_var("EXT_SUFFIX")))
        compiler = os.environ.get("CC", "cc")
        headers = sysconfig.get_path("include")
        try:
            subprocess.run([compiler, *FLAGS, f"-I{headers}", str(source), "-o", str(module)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            module.unlink(missing_ok=True)
            self.app.display_warning(f"{SOURCE} is not compiled ({error}): plain events are read in Python")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
