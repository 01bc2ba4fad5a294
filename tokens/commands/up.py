"""`tokens up`: everything on this machine."""

import asyncio


def up() -> None:
    """Run everything on this machine until Ctrl-C: Kafka, Postgres, a worker and the API.

    All data is kept in the folder TOKENS_DATA. Servers that TOKENS_KAFKA and TOKENS_DATABASE_URL name are
    used instead of embedded ones. Prints `ready http://HOST:PORT` when the report can be read.
    """
    from tokens.settings import load_settings
    from tokens.up.saying import say
    from tokens.up.stopping import until_stopped
    from tokens.up.up import running
    from tokens.up.where_to_look import ready_line, where_to_look

    async def work() -> None:
        async with running(load_settings(), say) as settings:
            say(ready_line(settings))
            for line in where_to_look(settings):
                say(line)
            await asyncio.Event().wait()

    if asyncio.run(until_stopped(work())):
        say("stopped")
