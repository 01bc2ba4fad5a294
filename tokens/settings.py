"""Every setting of the service: one declaration, from which `tokens settings` and the documentation are made.

A setting is the environment variable `TOKENS_` + its name in capitals; an empty variable is an absent one.
"""

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tokens.failure import UsageFailure


def _host_and_port(text: str) -> str:
    split_address(text)
    return text


def _zone(name: str) -> str:
    # Against the list of the `tzdata` package, which the calendar reads: the system's may have other names.
    known = resources.files("tzdata").joinpath("zones").read_text().split()
    if name not in known:
        raise ValueError("is no IANA time zone; an example is America/Los_Angeles")
    return name


def _prefix(text: str) -> str:
    if not all(character.isascii() and (character.isalnum() or character in "._-") for character in text):
        raise ValueError("goes into names that Kafka keeps: ASCII letters, digits, '.', '_' and '-' only")
    return text


def split_address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; IPv6 hosts stand in brackets, which are left out. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("is no HOST:PORT; an example is 127.0.0.1:8080")
    return host.removeprefix("[").removesuffix("]"), int(port)


Address = Annotated[str, AfterValidator(_host_and_port)]


class Settings(BaseSettings):
    """The settings as the environment gives them; immutable."""

    model_config = SettingsConfigDict(
        env_prefix="TOKENS_", env_ignore_empty=True, frozen=True, extra="forbid"
    )

    kafka: str | None = Field(
        None, description="Kafka's bootstrap servers, HOST:PORT, several joined by commas"
    )
    topic_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        "", description="stands before every topic's name and the consumer group's"
    )
    consumer_group: Annotated[str, AfterValidator(_prefix)] = Field(
        "service-tokens",
        description="Kafka's name for the workers that share the topics; offsets are not in it",
    )
    broker_waits: bool = Field(
        True, description="whether the broker holds a fetch until there is news, as Kafka does"
    )
    partitions: int = Field(4, ge=1, description="of each topic that `tokens migrate` makes")
    replication: int = Field(1, ge=1, description="of each topic that `tokens migrate` makes")
    database_url: str | None = Field(
        None, description="Postgres, as postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        "America/Los_Angeles", description="the IANA time zone whose dates the report shows"
    )
    http: Address = Field("127.0.0.1:8080", description="where the API listens; port 0: any free one")
    worker_http: Address = Field(
        "127.0.0.1:0",
        description="where a worker answers /healthz, /readyz and /metrics; port 0: any free one",
    )
    data: Path = Field(Path(".tokens"), description="the folder of the embedded servers and of the demo")
    embedded_kafka: Literal["auto", "apache", "noida"] = Field(
        "auto", description="the broker of `tokens up`; auto: apache where Java 17 and Maven are, else noida"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least that is logged"
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="auto: text on a terminal, else JSON, a line each"
    )

    @property
    def group(self) -> str:
        """The consumer group of the workers, with the prefix."""
        return f"{self.topic_prefix}{self.consumer_group}"

    def topic(self, bare_name: str) -> str:
        """The name on the broker of a topic of the contracts."""
        return f"{self.topic_prefix}{bare_name}"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"TOKENS_{name.upper()}"


def load_settings() -> Settings:
    """The settings of this process. Raises UsageFailure that names each wrong variable and why."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"{variable(str(problem['loc'][0]))}={problem['input']} "
            + problem["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
            for problem in error.errors()
        ]
        raise UsageFailure("; ".join(wrong)) from None
