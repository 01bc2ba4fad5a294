"""What to open, once everything is up."""

from collections.abc import Iterator

from tokens.settings import Settings
from tokens.up.up import reachable


def ready_line(settings: Settings) -> str:
    """The line that says that the report can be read, and where."""
    return f"ready http://{reachable(settings.http)}"


def where_to_look(settings: Settings) -> Iterator[str]:
    """What is there, and where the logs are."""
    yield f"  the report     http://{reachable(settings.http)}/ in a browser, or in this folder: tokens query"
    yield f"  Kafka          {settings.kafka}"
    yield "  Postgres       tokens settings --json has its URL; read the view service_tokens"
    yield f"  the worker     http://{reachable(settings.worker_http)}/metrics"
    yield f"  data and logs  {settings.data}"
    yield "Ctrl-C stops all of it."
