"""What costs most and asks nobody, compiled from Rust where cargo was at hand when the project was installed.

`compiled` is None where it was not: then the same is done in Python, slower.
"""

from importlib import import_module
from typing import Any


def _compiled() -> Any:
    try:
        return import_module("native.compiled")
    except ImportError:
        return None


compiled: Any = _compiled()
