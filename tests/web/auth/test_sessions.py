"""Sessions: signed, short, renewed; links: once."""

from __future__ import annotations

import pytest

from migrator.web.auth.login import own_path
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.auth.sessions import IDLE, LONGEST, RENEW, NotSealed, Sessions


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """The present second."""
        return self.now


def test_a_cookie_that_was_changed_is_worth_nothing() -> None:
    """Every single character counts, but for the last one's spare bits."""
    sessions = Sessions(["key"])
    cookie = sessions.cookie(sessions.new("ann", "github"))
    assert sessions.read(cookie) is not None
    for place in range(len(cookie.rstrip("=")) - 1):
        changed = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :]
        assert sessions.read(changed) is None, place


def test_another_key_reads_nothing() -> None:
    """Two dashboards do not know each other's people."""
    cookie = Sessions(["one"]).cookie(Sessions(["one"]).new("ann", "github"))
    assert Sessions(["two"]).read(cookie) is None


@pytest.mark.parametrize("cookie", ["", "rubbish", "é", "=" * 300, "gAAAA" * 60])
def test_what_is_no_cookie_of_ours_is_nobodys(cookie: str) -> None:
    """Whatever a stranger sends."""
    assert Sessions(["key"]).read(cookie) is None


def test_what_was_sealed_for_a_login_opens_no_session() -> None:
    """Each purpose has keys of its own."""
    sessions = Sessions(["key"])
    session = sessions.new("ann", "github")
    assert sessions.read(sessions.sealed(session)) is None
    with pytest.raises(NotSealed):
        sessions.unsealed(sessions.cookie(session), IDLE)


def test_a_changed_key_logs_nobody_out() -> None:
    """The former key still reads, the new one signs."""
    old, both = Sessions(["old"]), Sessions(["new", "old"])
    session = old.new("ann", "github")
    read = both.read(old.cookie(session))
    assert read is not None
    assert read[0] == session
    assert both.is_form_token(session, old.form_token(session))
    assert old.read(both.cookie(session)) is None


def test_a_session_ends_when_idle_and_in_any_case() -> None:
    """Renewing keeps an idle session alive, but none for more than half a day."""
    clock = Clock()
    sessions = Sessions(["key"], now=clock)
    session = sessions.new("ann", "github")
    cookie = sessions.cookie(session)
    clock.now += RENEW + 1
    read = sessions.read(cookie)
    assert read == (session, True)
    clock.now += IDLE
    assert sessions.read(cookie) is None
    assert sessions.read(sessions.cookie(session)) is not None
    clock.now += LONGEST
    assert sessions.read(sessions.cookie(session)) is None


def test_every_login_gets_a_session_of_its_own() -> None:
    """Nobody can be made to use a session that somebody else knows."""
    sessions = Sessions(["key"])
    assert sessions.new("ann", "github").id != sessions.new("ann", "github").id


def test_a_link_opens_once_and_the_next_one_is_told() -> None:
    """A link that was seen over somebody's shoulder is void once it was used."""
    told: list[str] = []
    links = OneTimeLinks("http://127.0.0.1:1", told.append)
    word = links.offer().partition("word=")[2]
    assert not links.use("")
    assert not links.use(word + "x")
    assert links.use(word)
    assert not links.use(word)
    assert len(told) == 2
    assert links.use(told[1].partition("word=")[2])


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "javascript:x",
        "",
        "x",
        "/\t/elsewhere.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_logging_in(wanted: str) -> None:
    """Only paths of ours are followed."""
    assert own_path(wanted) == "/"


def test_people_come_back_to_where_they_wanted() -> None:
    """A path of ours is followed, with what it asks."""
    assert own_path("/plan?decision=retire") == "/plan?decision=retire"
