"""Which time a command goes by where GitHub is a sandbox: that of its world, or none at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from migrator.bootstrap import system_clock
from migrator.bootstrap.clocks import ATTEMPTS, clock_of
from migrator.config.settings import Settings
from migrator.errors import ServerUnavailable

WORLD = datetime(2021, 9, 1, tzinfo=UTC)


@contextmanager
def sandbox(*, silent: int) -> Iterator[Settings]:
    """Somebody on loopback who takes a request, leaves the first ``silent`` ones without an answer,
    and then says which time it is in his world."""
    body = f'{{"now": "{WORLD.isoformat()}"}}'.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for number in range(ATTEMPTS):
                connection, _ = server.accept()
                held.append(connection)
                connection.recv(65536)
                if number >= silent:
                    connection.sendall(head + body)
                    connection.close()
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield Settings.model_validate({"github_url": url, "github_token": "sandbox-x"})
        thread.join()


def test_a_sandbox_that_is_slow_to_answer_is_asked_again() -> None:
    """A machine under load: the present would end every grace of its world at once."""
    with sandbox(silent=ATTEMPTS - 1) as settings:
        assert clock_of(settings, patience=0.2)() - WORLD < timedelta(minutes=1)


def test_a_sandbox_that_never_answers_is_an_error() -> None:
    """Nothing is done by a clock that is only guessed."""
    with (
        sandbox(silent=ATTEMPTS) as settings,
        pytest.raises(ServerUnavailable, match="which time it is"),
    ):
        clock_of(settings, patience=0.1)


def test_where_nothing_listens_it_is_now() -> None:
    """Verbs that ask nothing of GitHub work without it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = f"http://127.0.0.1:{server.getsockname()[1]}"
    settings = Settings.model_validate({"github_url": free, "github_token": "sandbox-x"})
    assert clock_of(settings) is system_clock
