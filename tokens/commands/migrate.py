"""`tokens migrate`: tables and topics."""

import asyncio


def migrate() -> None:
    """Make what is missing of the database's schema and of the topics.

    Safe to run twice, and by two at once.
    """
    from tokens.migration import migrate_servers
    from tokens.servers import effective_settings

    schema, topics = asyncio.run(migrate_servers(effective_settings()))
    for name in schema:
        print(f"applied {name}")
    for name in topics:
        print(f"made topic {name}")
    if not schema and not topics:
        print("nothing to do: schema and topics are there")
