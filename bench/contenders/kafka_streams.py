"""Kafka Streams, exactly once: `KafkaStreamsTable.java`, with the artifacts that Maven fetches."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.broker import delete_topics, messages_committed, messages_held
from bench.contenders.installing import folder_of, installed
from bench.contenders.program import Program
from bench.contenders.the_loop import SCHEMA
from bench.servers import PARTITIONS
from tokens.embedded.java import find_java, find_maven
from tokens.failure import Failure
from tokens.kafka_topics import admin_client

__all__ = ["SCHEMA", "KafkaStreams"]

_HERE = Path(__file__).parent
_POM = _HERE / "kafka_streams.pom.xml"
_SOURCES = (_HERE / "KafkaStreamsTable.java", _HERE / "KafkaStreamsRows.java")
_NAME = "kafka-streams"
_HEAP = "-Xmx1g"
_WRITTEN_SECONDS = 0.2
_BETWEEN = ("named", "stations", "activated")
"""The topics through which Streams sends what a message comes to."""


class KafkaStreams(Program):
    """Its place is at the end when its own topics are read too."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._state = Path(tempfile.gettempdir()) / f"bench-{_NAME}"

    async def prepare(self) -> None:
        await super().prepare()
        await installed(_NAME, (_POM, *_SOURCES), _commands)
        shutil.rmtree(self._state, ignore_errors=True)
        await asyncio.to_thread(self._forget_topics)

    def command(self) -> Sequence[str | Path]:
        folder = folder_of(_NAME, (_POM, *_SOURCES))
        bootstrap, topic_prefix, group, database_url = self.arguments
        java = find_java()
        assert java is not None, "Apache Kafka itself runs on it"
        classpath = f"{folder / 'classes'}:{folder / 'lib'}/*"
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        command: list[str | Path] = [java, _HEAP, logging, "-classpath", classpath, "KafkaStreamsTable"]
        return [*command, bootstrap, topic_prefix, group, _jdbc(database_url), self._state]

    async def place(self, connection: Any, log: Path) -> int | None:  # noqa: ARG002
        return await asyncio.to_thread(self._place, log)

    def _place(self, log: Path) -> int | None:
        if b"consuming" not in log.read_bytes():
            return None
        read = messages_committed(self.admin, self.group, self._is_input)
        between = messages_committed(self.admin, self.group, lambda topic: not self._is_input(topic))
        topics = [f"{self.group}-{name}-repartition" for name in _BETWEEN]
        # Before the end, whatever is left between: nothing says how many messages that is.
        if between < messages_held(self.admin, topics, PARTITIONS):
            return 0
        # Its rows are written beside its commits, ten times a second.
        time.sleep(_WRITTEN_SECONDS)
        return read

    def _is_input(self, topic: str) -> bool:
        return not topic.startswith(self.group)

    def _forget_topics(self) -> None:
        listed = self.admin.list_topics(timeout=10).topics
        delete_topics(self.admin, [topic for topic in listed if topic.startswith(self.group)])
        # The one that saw them would ask the broker for the leaders that they had.
        self.admin = admin_client(self.arguments[0])


def _commands(folder: Path) -> Sequence[Sequence[str | Path]]:
    maven, compiler = find_maven(), shutil.which("javac")
    if maven is None or compiler is None:
        raise Failure("Kafka Streams needs mvn and javac in the PATH")
    fetch: list[str | Path] = [maven, "--quiet", "--batch-mode", f"--file={_POM}"]
    fetch += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder / 'lib'}"]
    compilation: list[str | Path] = [compiler, "-d", folder / "classes"]
    return [fetch, [*compilation, "-classpath", f"{folder / 'lib'}/*", *_SOURCES]]


def _jdbc(database_url: str) -> str:
    address = urlsplit(database_url)
    access = urlencode({"user": address.username, "password": address.password})
    return f"jdbc:postgresql://{address.hostname}:{address.port}{address.path}?{access}"
