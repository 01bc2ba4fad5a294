"""What to open, once everything is up."""

from collections.abc import Iterator

from tokens.settings import Settings
from tokens.up.up import reachable


def where_to_look(settings: Settings) -> Iterator[str]:
    """The line with the address, then what is there, and where the logs are."""
    address = f"http://{reachable(settings.http)}"
    yield f"ready {address}"
    yield f"  the report     {address}/api/tokens, or in this folder: tokens query"
    yield f"  Kafka          {settings.kafka}"
    yield "  Postgres       tokens settings --json has its URL; read the view service_tokens"
    yield f"  the worker     http://{reachable(settings.worker_http)}/metrics"
    yield f"  data and logs  {settings.data}"
    yield "Ctrl-C stops all of it."
