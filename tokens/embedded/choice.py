"""Which broker `tokens up` runs: the one that was asked for, or that the folder's log was written by."""

from pathlib import Path

from tokens.embedded.apache_jars import jars_folder
from tokens.embedded.apache_kafka import ApacheKafka
from tokens.embedded.broker import EmbeddedBroker, mark_of
from tokens.embedded.java import find_java, find_maven
from tokens.embedded.noida import Noida
from tokens.failure import Failure

_BROKERS: dict[str, type[EmbeddedBroker]] = {broker.kind: broker for broker in (ApacheKafka, Noida)}


def apache_is_possible() -> bool:
    """Whether this machine has what Apache Kafka needs: Java, and its jars or Maven to fetch them."""
    return find_java() is not None and (jars_folder().exists() or find_maven() is not None)


def choose_broker(folder: Path, wanted: str) -> EmbeddedBroker:
    """The broker for `folder`; `wanted` is the setting: auto, apache or noida.

    A folder stays with the broker that began it, since neither reads the other's log.
    Raises Failure where another one is wanted.
    """
    mark = mark_of(folder)
    began = mark.read_text().strip() if mark.exists() else None
    possible = (ApacheKafka if apache_is_possible() else Noida).kind
    chosen = began or possible if wanted == "auto" else wanted
    if began not in (None, chosen):
        raise Failure(
            f"The log in {folder} was written by {_BROKERS[began or chosen].name}, and "
            f"{_BROKERS[chosen].name} cannot read it: "
            f"set TOKENS_EMBEDDED_KAFKA={began}, or name another folder in TOKENS_DATA"
        )
    return _BROKERS[chosen](folder)
