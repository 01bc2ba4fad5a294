"""`tokens settings`: what can be set, and what holds."""

import json
from typing import Annotated

import typer


def settings(
    as_json: Annotated[
        bool, typer.Option("--json", help="Names and effective values, with the password.")
    ] = False,
) -> None:
    """List the settings with their defaults and effective values, those of a running `tokens up` included.

    A setting is an environment variable; an empty one counts as absent.
    """
    from tokens.settings_table import effective_values, table_lines

    if as_json:
        print(json.dumps(effective_values(), indent=2))
    else:
        print(*table_lines(), sep="\n")
