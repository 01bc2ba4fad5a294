"""Ports on the loopback interface for embedded servers: the one of last time where it is free."""

import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def is_listening(port: int) -> bool:
    """Whether a server accepts connections on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def kept_port(file: Path) -> int:
    """The port that `file` remembers where it is free, else a new one, remembered there.

    An address that someone noted down goes on working when the servers are started again.
    """
    try:
        port = int(file.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if not port or not is_free(port):
        port = free_port()
        file.write_text(f"{port}\n")
    return port
