"""Compiles the part that is written in Rust when the project is built or installed, where cargo is at hand.

Without it, the same is done in Python, slower.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CRATE = "native"
LIBRARIES = ("libcompiled.so", "libcompiled.dylib", "compiled.dll")


class CompiledPart(BuildHookInterface[Any]):
    """Puts the compiled module beside its source."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile; a wheel that has the module is for this machine's kind alone."""
        if self._compile(Path(self.root) / CRATE):
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def _compile(self, crate: Path) -> bool:
        module = crate / f"compiled{sysconfig.get_config_var('EXT_SUFFIX')}"
        module.unlink(missing_ok=True)
        try:
            subprocess.run(
                ["cargo", "build", "--quiet", "--release"],
                cwd=crate,
                env={**os.environ, "PYO3_PYTHON": sys.executable},
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"{CRATE} is not compiled ({error}): Python does the same, slower")
            return False
        target = Path(os.environ.get("CARGO_TARGET_DIR", crate / "target"))
        built = next(path for name in LIBRARIES if (path := target / "release" / name).exists())
        # Under a name of its own first: a process that runs has the old one mapped.
        shutil.copyfile(built, module.with_suffix(".new"))
        module.with_suffix(".new").replace(module)
        return True
