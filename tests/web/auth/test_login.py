"""Coming in: with GitHub, through the sandbox's own login, and by link."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from migrator.errors import ConfigError
from migrator.web.build import open_dashboard
from tests.support.dashboard import ADDRESS, Hall, hall


@pytest.fixture(scope="module")
def with_github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A dashboard whose door is GitHub."""
    with hall(tmp_path_factory.mktemp("github"), items=25, signs_in=True, applies=False) as found:
        yield found


def through_github(client: TestClient, login: str, *, path: str = "/") -> httpx.Response:
    """Log in as a browser would: to GitHub and back. Who is there, the sandbox is told."""
    away = client.get("/login/github", params={"next": path})
    assert away.status_code == 303
    back = httpx.get(away.headers["location"] + f"&login={login}")
    assert back.status_code == 302
    parts = urlsplit(back.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}" == ADDRESS
    reply: httpx.Response = client.get(f"{parts.path}?{parts.query}")
    return reply


def test_whoever_may_look_comes_in(with_github: Hall) -> None:
    """And lands where they wanted to go."""
    client = with_github.client()
    arrived = through_github(client, "mia", path="/people?q=a")
    assert arrived.status_code == 303
    assert arrived.headers["location"] == "/people?q=a"
    page = client.get("/people")
    assert page.status_code == 200
    assert "<b>mia</b>" in page.text


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(with_github: Hall) -> None:
    """HttpOnly, SameSite, for the whole site."""
    arrived = through_github(with_github.client(), "rita")
    cookie = next(
        value for value in arrived.headers.get_list("set-cookie") if value.startswith("migrator=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_a_login_is_noted(with_github: Hall) -> None:
    """Who came in, and by which door."""
    through_github(with_github.client(), "tria")
    newest = with_github.dashboard.audited.newest(limit=1)[0]
    assert (newest.who, newest.door, newest.verb) == ("tria", "github", "log in")


def test_a_login_that_was_not_begun_here_is_refused(with_github: Hall) -> None:
    """Nobody can be logged in as somebody else by a link."""
    mine, theirs = with_github.client(), with_github.client()
    away = theirs.get("/login/github")
    back = httpx.get(away.headers["location"] + "&login=mia")
    parts = urlsplit(back.headers["location"])
    assert mine.get(f"{parts.path}?{parts.query}").status_code == 403
    mine.get("/login/github")
    assert mine.get(f"{parts.path}?{parts.query}").status_code == 403


def test_a_code_works_once(with_github: Hall) -> None:
    """A code from a log or a history is worth nothing."""
    client = with_github.client()
    away = client.get("/login/github")
    back = httpx.get(away.headers["location"] + "&login=mia")
    parts = urlsplit(back.headers["location"])
    kept = dict(client.cookies.items())
    assert client.get(f"{parts.path}?{parts.query}").status_code == 303
    again = with_github.client()
    for name, value in kept.items():
        again.cookies.set(name, value)
    assert again.get(f"{parts.path}?{parts.query}").status_code == 403


def test_the_way_out_asks_for_nothing_but_who_it_is(with_github: Hall) -> None:
    """No scope, no sign-up, a state and a challenge."""
    asked = parse_qs(urlsplit(with_github.client().get("/login/github").headers["location"]).query)
    assert set(asked) == {
        "client_id",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
        "allow_signup",
    }
    assert asked["redirect_uri"] == [f"{ADDRESS}/login/callback"]


def test_logging_out_ends_it(with_github: Hall) -> None:
    """The cookie is gone, and pages send to the login."""
    client = with_github.client()
    through_github(client, "mia")
    token = client.get("/api/me").json()["token"]
    assert client.post("/logout", headers={"x-form-token": token}).status_code == 303
    assert client.get("/").headers["location"].startswith("/login")


def test_a_link_is_no_door_where_github_is(with_github: Hall) -> None:
    """One door at a time: a session by link is worth nothing there."""
    assert with_github.dashboard.links is None
    assert with_github.client("me", door="link").get("/").status_code == 403


def test_a_link_opens_the_dashboard_once(seen_by_link: Hall) -> None:
    """On this machine, without an App."""
    links = seen_by_link.dashboard.links
    assert links is not None
    path = links.offer().removeprefix(ADDRESS)
    client = seen_by_link.client()
    assert client.get(path).headers["location"] == "/"
    assert client.get("/").status_code == 200
    assert seen_by_link.client().get(path).status_code == 403


@pytest.fixture(scope="module")
def seen_by_link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A dashboard whose door is the link."""
    with hall(tmp_path_factory.mktemp("link"), items=25, applies=False) as found:
        yield found


def test_a_dashboard_that_anybody_could_enter_is_not_opened(seen_by_link: Hall) -> None:
    """Beyond this machine there is no link."""
    with pytest.raises(ConfigError):
        open_dashboard(
            seen_by_link.context,
            address="http://192.0.2.7:8080",
            enqueue=lambda _: None,
            tell=lambda _: None,
        )
