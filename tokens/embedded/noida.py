"""Noida as a child process: a small broker without a JVM, for development on machines without Java.

Its wrapper in Python is not used: it leaves the server behind when it is stopped.
"""

import importlib.util
from pathlib import Path

from tokens.embedded.broker import EmbeddedBroker
from tokens.embedded.child import Child
from tokens.failure import Failure


class Noida(EmbeddedBroker):
    """It may lose its last seconds when it is killed, and refuses messages of 5 MB."""

    name = "Noida"
    kind = "noida"

    async def _run(self) -> Child:
        found = importlib.util.find_spec("noida_db")
        if found is None or found.origin is None:
            raise Failure(
                "No Kafka is given and no embedded one is installed: set TOKENS_KAFKA, "
                "or install service-tokens[embedded]"
            )
        binary = Path(found.origin).with_name("noida-db")
        binary.chmod(0o755)
        return Child(
            self.name,
            [
                binary,
                "start",
                "--only",
                "kafka",
                "--kafka-port",
                str(self._port),
                "--data-dir",
                self._folder / "data",
            ],
            log=self._folder / "log",
        )
