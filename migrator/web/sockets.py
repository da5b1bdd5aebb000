"""Sockets that commands listen on."""

from __future__ import annotations

import socket

from migrator.errors import UsageError


def listen(host: str, port: int, *, options: str = "--host or --port") -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises :class:`UsageError` if the address
    cannot be had."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}", cure=f"give another {options}"
        ) from error


def address_of(listening: socket.socket) -> str:
    """Scheme, host and port of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
