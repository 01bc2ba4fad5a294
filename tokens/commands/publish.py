"""`tokens publish`: events from a file, or from standard input, to Kafka."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tokens.publishing.plan import BadLine


def publish(
    file: Annotated[
        Path,
        typer.Argument(
            help="NDJSON: one structured CloudEvent a line; - is standard input.", allow_dash=True
        ),
    ],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad lines out and publish the others.")
    ] = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Send the lines as they are, good or not; needs --topic.")
    ] = False,
    topic: Annotated[
        str | None, typer.Option(help="With --unchecked: the topic, without prefix, that all lines go to.")
    ] = None,
) -> None:
    """Check a file of events, then send each one to the topic of its type.

    Every bad line is named with the rule that it breaks, and then nothing is published (exit code 1), unless
    --skip-bad leaves those lines out. Ends when Kafka has everything; prints `published N, skipped M`.
    """
    from schemas.topics import INPUT_TOPICS
    from tokens.publishing.lines import opened
    from tokens.publishing.progress import PublishProgress
    from tokens.publishing.publish import publish as publish_checked
    from tokens.publishing.publish import publish_unchecked
    from tokens.servers import effective_settings

    if unchecked != (topic is not None):
        raise typer.BadParameter("--unchecked and --topic go together")
    if topic is not None and topic not in INPUT_TOPICS:
        raise typer.BadParameter(f"{topic} is none of {', '.join(INPUT_TOPICS)}", param_hint="--topic")
    if unchecked and skip_bad:
        raise typer.BadParameter("--skip-bad needs the check that --unchecked leaves out")
    settings = effective_settings()
    with opened(file, sys.stdin.buffer) as source, PublishProgress.of_input(source) as progress:
        if topic is not None:
            result = publish_unchecked(source, settings, topic, progress=progress)
        else:
            result = publish_checked(
                source, settings, skip_bad=skip_bad, on_bad_line=_name, progress=progress
            )
    print(f"published {result.published}, skipped {result.skipped}")


def _name(bad_line: "BadLine") -> None:
    sys.stderr.write(f"line {bad_line.number}: {bad_line.invalid.message}\n")
