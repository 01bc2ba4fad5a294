"""Where a command finds Kafka and Postgres: in its environment, else in the `tokens up` on its folder."""

from tokens.failure import Failure
from tokens.running import find_running
from tokens.settings import Settings, load_settings


def effective_settings() -> Settings:
    """The settings of this process, those of the running `up` where the environment leaves them open.

    Where the environment names both servers, no `up` is asked: its prefix and its zone are other servers'.
    """
    settings = load_settings()
    running = None if settings.kafka and settings.database_url else find_running(settings.data)
    if running is None:
        return settings
    return Settings.model_validate({**running.settings, **settings.model_dump(exclude_unset=True)})


def kafka_of(settings: Settings) -> str:
    """Kafka's bootstrap servers. Raises Failure that says where one may be named."""
    if settings.kafka is None:
        raise Failure(_unknown("Kafka", "TOKENS_KAFKA", settings))
    return settings.kafka


def database_of(settings: Settings) -> str:
    """The database's URL. Raises Failure that says where one may be named."""
    if settings.database_url is None:
        raise Failure(_unknown("database", "TOKENS_DATABASE_URL", settings))
    return settings.database_url


def _unknown(what: str, variable: str, settings: Settings) -> str:
    return (
        f"No {what} is known: {variable} is not set, and no `tokens up` runs on the folder {settings.data} "
        "(TOKENS_DATA); do one or the other"
    )
