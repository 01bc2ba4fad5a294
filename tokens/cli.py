"""The `tokens` command: one file per command in `tokens/commands/`, imported when it is asked for.

Exit codes: 0 done; 1 failed, differs or timed out; 2 usage, a wrong setting included.
"""

import importlib
import sys
from collections.abc import Iterable

import typer

from tokens.failure import Failure

# In the order of `--help`. The module and the function are named like the command.
COMMANDS = (
    "up",
    "demo",
    "simulate",
    "check",
    "publish",
    "drain",
    "query",
    "diff",
    "explain",
    "export",
    "dead-letters",
    "journal",
    "verify",
    "rebuild",
    "migrate",
    "worker",
    "api",
    "settings",
)


def command_line(names: Iterable[str]) -> typer.Typer:
    """The commands of those names."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(help="Service tokens: which are owned, what they cover, what lapses next, and why.")(
        _nothing
    )
    for name in names:
        module_name = name.replace("-", "_")
        module = importlib.import_module(f"tokens.commands.{module_name}")
        command = getattr(module, module_name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Only the file of the command that was asked for: nobody waits for the imports of all of them.
    asked = [name for name in sys.argv[1:2] if name in COMMANDS]
    try:
        command_line(asked or COMMANDS)(prog_name="tokens")
    except Failure as failure:
        sys.stderr.write(f"tokens: {failure}\n")
        sys.exit(failure.exit_code)


def _nothing() -> None:
    """What comes before every command."""
