"""`tokens demo`: everything on this machine, with two simulated years in it."""

import asyncio
from typing import Annotated

import typer


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop everything after the report.")] = False,
) -> None:
    """Run `up`, fill it with two years of a simulated company, and show the report.

    The events are simulated once and kept in the folder TOKENS_DATA: another demo on it changes nothing.
    """
    from tokens.demo.first_look import commands_to_try, show_first_look
    from tokens.demo.loading import load_demo
    from tokens.settings import load_settings
    from tokens.up.saying import say
    from tokens.up.stopping import until_stopped
    from tokens.up.up import running
    from tokens.up.where_to_look import ready_line, where_to_look

    async def work() -> None:
        async with running(load_settings(), say) as settings:
            say(ready_line(settings))
            await load_demo(settings, say)
            await show_first_look(settings)
            if not once:
                for line in (*commands_to_try(settings, is_up=True), *where_to_look(settings)):
                    say(line)
                await asyncio.Event().wait()
        for line in commands_to_try(settings, is_up=False):
            say(line)

    if asyncio.run(until_stopped(work())):
        say("stopped")
        if once:
            raise typer.Exit(1)
