"""Apache Kafka itself as a child process: one node, broker and controller (KRaft), from Maven's jars."""

import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from tokens.embedded import ports
from tokens.embedded.apache_jars import fetch_jars
from tokens.embedded.broker import LARGEST_MESSAGE_BYTES, EmbeddedBroker
from tokens.embedded.child import Child
from tokens.embedded.java import OLDEST_JAVA, find_java
from tokens.failure import Failure

_HEAP = "-Xmx512m"
_FORMAT_SECONDS = 60
_NODE = 1
# Both relative, since the broker runs in its folder: a comma in an absolute path would make it two.
_SETTINGS = "server.properties"
_LOG_FOLDER = "log.dirs"
# Where the language is C, Java does not even start in a folder with letters beyond ASCII.
_LANGUAGE = {"LC_ALL": "C.UTF-8"}


class ApacheKafka(EmbeddedBroker):
    """Needs Java, and Maven the first time."""

    name = "Apache Kafka"
    kind = "apache"

    async def _run(self) -> Child:
        java = find_java()
        if java is None:
            raise Failure(
                f"Apache Kafka needs Java {OLDEST_JAVA}, and there is none: install it, set JAVA_HOME, "
                "or set TOKENS_EMBEDDED_KAFKA=noida for the small broker"
            )
        jars = await fetch_jars()
        (self._folder / _SETTINGS).write_text(self._settings())
        command: list[str | Path] = [
            java,
            _HEAP,
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            f"{jars}/*",
        ]
        if not (self._folder / _LOG_FOLDER / "meta.properties").exists():
            await self._format(command)
        return Child(
            self.name, [*command, "kafka.Kafka", _SETTINGS], log=self._folder / "log", environment=_LANGUAGE
        )

    async def _format(self, command: list[str | Path]) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        child = Child(
            "Apache Kafka's storage tool",
            # With "=": one id in 64 begins with "-", and would be taken for an option.
            [*command, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", _SETTINGS],
            log=self._folder / "log",
            environment=_LANGUAGE,
        )
        try:
            exit_code = await child.wait(timeout_seconds=_FORMAT_SECONDS)
        finally:
            await child.stop(patience_seconds=1)
        if exit_code != 0:
            raise Failure(
                f"Apache Kafka could not make its data folder ({child.last_words()}); its log is {child.log}"
            )

    def _settings(self) -> str:
        # The controller's port is nobody's business, so it may be another one at every start.
        controller = f"{ports.LOOPBACK}:{ports.free_port()}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": _NODE,
            "controller.quorum.voters": f"{_NODE}@{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": _LOG_FOLDER,
            "message.max.bytes": LARGEST_MESSAGE_BYTES,
            "replica.fetch.max.bytes": LARGEST_MESSAGE_BYTES,
            "socket.request.max.bytes": 10 * LARGEST_MESSAGE_BYTES,
            "auto.create.topics.enable": "false",
            "log.retention.ms": -1,
            "log.retention.bytes": -1,
            "offsets.retention.minutes": 10 * 365 * 24 * 60,
            "default.replication.factor": 1,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())
