"""Roles are read with the token of whoever signed in, which only their own browser keeps."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from migrator.github.oauth import SignedIn
from migrator.web.auth.sessions import Session, Sessions
from tests.support.dashboard import Hall, hall
from tests.web.auth.test_login import through_github


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A dashboard whose door is GitHub."""
    with hall(tmp_path_factory.mktemp("tokens"), items=20, signs_in=True, applies=False) as found:
        yield found


@pytest.fixture
def mia(home: Hall) -> TestClient:
    """A browser that came in through GitHub."""
    client = home.client()
    assert through_github(client, "mia").status_code == 303
    return client


def token_of(home: Hall) -> str:
    """The newest token that GitHub gave to a person."""
    return [secret for secret in home.sandbox.world.tokens if secret.startswith("ghu_")][-1]


def roles_asked(home: Hall) -> int:
    """How often GitHub was asked for somebody's roles."""
    lines = home.sandbox.client.get("/_sandbox/log").text.splitlines()
    return sum(json.loads(line).get("operation") == "Roles" for line in lines)


def test_the_role_is_asked_with_the_persons_own_token(home: Hall, mia: TestClient) -> None:
    """One question for all repositories, and nothing is asked as the migrator."""
    before, asked = home.context.clients.requests, roles_asked(home)
    token = mia.get("/api/me").json()["token"]
    assert roles_asked(home) == asked
    assert mia.post("/runs/none/pause", headers={"x-form-token": token}).status_code == 409
    assert roles_asked(home) == asked + 1
    assert home.context.clients.requests == before


def test_a_token_that_github_ended_ends_the_session(home: Hall, mia: TestClient) -> None:
    """Reading may go on for two minutes; nothing is written with it, and the way back in is
    shown."""
    token = mia.get("/api/me").json()["token"]
    del home.sandbox.world.tokens[token_of(home)]
    refused = mia.post("/runs/none/pause", headers={"x-form-token": token})
    assert refused.headers["location"].startswith("/login")
    assert mia.post("/api/retry/runs/none", headers={"x-form-token": token}).status_code == 401


def test_the_token_stands_nowhere_in_the_clear(
    home: Hall, mia: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the database, not on a page, not in a log, and not in the cookie."""
    token = token_of(home)
    pages = "".join(mia.get(path).text for path in ("/", "/people", "/api/me", "/api/deeds"))
    copy = tmp_path / "copy.sqlite"
    with home.context.store.engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{copy}'")
    cookie = mia.cookies[home.dashboard.cookie]
    read = home.dashboard.sessions.read(cookie)
    assert read is not None
    clear = repr(read[0]).encode() + base64.urlsafe_b64decode(cookie)
    assert b"mia" in clear
    assert token.encode() not in copy.read_bytes() + clear + pages.encode() + caplog.text.encode()
    assert token not in repr(SignedIn("mia", 7, token))


def test_a_session_without_a_token_or_with_anothers_key_is_nobodys(home: Hall) -> None:
    """A cookie of before the token, and one whose key is gone: people sign in again."""
    foreign = Sessions(["x" * 32]).new("mia", "github", token="ghu_x")
    without = home.dashboard.sessions.new("mia", "github")
    for session in (foreign, without):
        assert home.dashboard.sessions.token_of(session) == ""
        client = home.client()
        client.cookies.set(home.dashboard.cookie, home.dashboard.sessions.cookie(session))
        assert client.get("/api/me").status_code == 401


def test_the_key_before_the_last_change_still_opens_tokens() -> None:
    """Changing the sessions' key logs nobody out."""
    old, both = Sessions(["o" * 32]), Sessions(["n" * 32, "o" * 32])
    session: Session = old.new("mia", "github", 7, "ghu_x")
    assert both.token_of(session) == "ghu_x"
    assert "ghu_x" not in repr(session)
