"""A session that was ended is over everywhere: for copies of its cookie, in other processes,
after a restart."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from migrator.config.settings import Settings
from migrator.web.auth.dependencies import HEADER_TOKEN
from migrator.web.auth.sessions import Session
from migrator.web.ended_sessions import EndedSessions
from tests.support.dashboard import Hall, hall


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration whose plan waits for approval."""
    with hall(tmp_path_factory.mktemp("sessions"), items=20, applies=False, signs_in=True) as found:
        yield found


def test_a_copied_cookie_is_worth_nothing_after_the_logout(home: Hall) -> None:
    """It neither reads nor writes."""
    client, copied = home.client("mia"), home.client()
    copied.cookies, token = client.cookies.__class__(client.cookies), client.headers[HEADER_TOKEN]
    assert copied.get("/api/me").status_code == 200
    assert client.post("/logout").status_code == 303
    assert copied.get("/api/me").status_code == 401
    assert (
        copied.post("/api/undo/runs/none", json={}, headers={HEADER_TOKEN: token}).status_code
        == 401
    )
    assert copied.get("/").headers["location"].startswith("/login")


def test_logging_out_ends_no_other_session(home: Hall) -> None:
    """Another browser goes on."""
    one, other = home.client("mia"), home.client("mia")
    one.post("/logout")
    assert other.get("/api/me").status_code == 200


def test_all_sessions_of_an_account_can_be_ended(home: Hall) -> None:
    """In every browser, under whatever login the account had; those that begin afterwards are
    good."""
    mia, elsewhere, wally = home.client("mia"), home.client("mia"), home.client("wally")
    assert mia.post("/logout/everywhere").status_code == 303
    assert [each.get("/api/me").status_code for each in (mia, elsewhere, wally)] == [401, 401, 200]
    assert home.client("mia").get("/api/me").status_code == 200


def test_another_process_hears_of_it_from_the_database(home: Hall) -> None:
    """The audit log is the record; neither the cookie's id nor its token stands in it."""
    session = home.dashboard.sessions.new("mia", "github", 7)
    renamed = Session(id="other", login="mia-new", door="github", began=session.began, account=7)
    EndedSessions(home.dashboard.audited).end_all(session)
    elsewhere = EndedSessions(home.dashboard.audited)
    assert not elsewhere.has_ended(session)
    elsewhere.refresh()
    assert elsewhere.has_ended(session)
    assert elsewhere.has_ended(renamed)
    assert not elsewhere.has_ended(replace_account(renamed))
    noted = home.dashboard.audited.newest()
    assert all(session.id not in f"{deed.subject} {deed.detail}" for deed in noted)


def replace_account(session: Session) -> Session:
    """The same session of another account."""
    return Session(
        id=session.id, login=session.login, door=session.door, began=session.began, account=8
    )


async def test_nobody_gets_the_role_of_a_login_that_was_another_accounts(home: Hall) -> None:
    """Who took over a free login has another number."""
    rights = home.dashboard.rights
    known = home.sandbox.rest("GET", "/users/mia", by="ada").json()["id"]
    assert (await rights.role_of("sandbox-mia", account=known, fresh=True)).name == "STEER"
    assert (await rights.role_of("sandbox-mia", account=known + 1, fresh=True)).name == "NOBODY"


@pytest.mark.parametrize("name", ["session_secret", "session_secret_previous"])
def test_a_key_that_could_be_guessed_is_refused(name: str) -> None:
    """32 bytes are the least."""
    with pytest.raises(ValidationError, match="32 bytes"):
        Settings.model_validate({name: "x" * 31})
    assert Settings.model_validate({name: "x" * 32})


def test_a_cookie_with_one_wrong_bit_opens_nothing(home: Hall) -> None:
    """Its last 32 bytes are an HMAC with SHA-256 over all that stands before
    (https://github.com/fernet/spec/blob/master/Spec.md)."""
    sessions = home.dashboard.sessions
    cookie = sessions.cookie(sessions.new("mia", "github"))
    raw = urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
    assert sessions.read(cookie) is not None
    for place in range(len(raw)):
        bent = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert sessions.read(urlsafe_b64encode(bent).decode()) is None
