"""Whether Java 17 and Maven are on this machine."""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST_JAVA = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_ANSWER_SECONDS = 30


@functools.cache
def find_java() -> Path | None:
    """The `java` of JAVA_HOME or of the PATH when it is new enough, else None."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else None
    found = found or shutil.which("java")
    if found is None:
        return None
    try:
        answer = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=_ANSWER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = _VERSION.search(answer.stderr)
    if answer.returncode != 0 or version is None or int(version[1]) < OLDEST_JAVA:
        return None  # macOS has a `java` that only tells where to buy one
    return Path(found).absolute()


def find_maven() -> Path | None:
    """The `mvn` of the PATH, else None."""
    found = shutil.which("mvn")
    return Path(found).absolute() if found else None
