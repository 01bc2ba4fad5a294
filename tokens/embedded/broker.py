"""What every embedded Kafka broker has in common: a folder, an address, a process that starts and stops."""

import abc
import time
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tokens.embedded import ports
from tokens.embedded.child import Child

LARGEST_MESSAGE_BYTES = 16_777_216
_READY_SECONDS = 90
_STOP_SECONDS = 2.0


def mark_of(folder: Path) -> Path:
    """The file that tells by which kind of broker a folder's log was written."""
    return folder / "broker"


class EmbeddedBroker(abc.ABC):
    """A Kafka broker with its data in `folder` (made where missing), on a loopback port.

    `name` is for people; `kind` is its name in TOKENS_EMBEDDED_KAFKA.
    """

    name: str
    kind: str

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._child: Child | None = None
        self._port = 0

    @property
    def child(self) -> Child:
        """Its process, once started."""
        assert self._child is not None
        return self._child

    @property
    def bootstrap(self) -> str:
        """Its address for clients, once started."""
        return f"{ports.LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Run the broker, and return when it answers.

        Raises Failure with the reason, and leaves no process then.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._port = ports.kept_port(self._folder / "port")
        self._child = await self._run()
        try:
            await self._child.wait_until_ready(self._answers, timeout_seconds=_READY_SECONDS)
            mark_of(self._folder).write_text(f"{self.kind}\n")
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut the broker down. Safe to call again."""
        if self._child is not None:
            await self._child.stop(patience_seconds=_STOP_SECONDS)

    @abc.abstractmethod
    async def _run(self) -> Child: ...

    def _answers(self) -> bool:
        # First the bare port: a client that finds nobody there complains on stderr.
        if not ports.is_listening(self._port):
            return False
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        try:
            return bool(admin.list_topics(timeout=5).brokers)
        except KafkaException:
            time.sleep(0.1)
            return False
