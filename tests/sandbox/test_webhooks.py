"""Webhooks: what is told, how it is signed, and how it is told again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import msgspec
import pytest

from migrator.sandbox.webhooks import signature
from tests.support.sandbox_server import SOURCE, Local


class Listener:
    """Takes deliveries."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        listener = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.got.append(
                    ({name.lower(): value for name, value in self.headers.items()}, body)
                )
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[dict[str, Any]]:
        """Wait for deliveries and return their payloads."""
        until = time.monotonic() + 60
        while len(self.got) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.got) == count
        return [msgspec.json.decode(body) for _, body in self.got]


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listener on loopback."""
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_the_signature_is_that_of_githubs_own_example() -> None:
    """https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation"""
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature("It's a Secret to Everybody", b"Hello, World!") == expected


def test_each_change_is_told_once_and_signed(github: Local, listener: Listener) -> None:
    """Event, action, installation and signature stand where GitHub puts them."""
    github.control("POST", "hook", json={"url": listener.url, "app": "butler"})
    github.act("amy", "comment", body="Hello")
    payload = listener.wait(1)[0]
    headers, body = listener.got[0]
    assert (headers["x-github-event"], payload["action"], payload["comment"]["body"]) == (
        "issue_comment",
        "created",
        "Hello",
    )
    assert (
        payload["issue"]["number"],
        payload["sender"]["login"],
        payload["installation"]["id"],
    ) == (1, "amy", 88)
    assert headers["x-hub-signature-256"] == signature("hush", body)
    assert len(headers["x-github-delivery"]) == 36


ACTS = {
    "close": ("issues", "closed"),
    "reopen": ("issues", "reopened"),
    "label": ("issues", "labeled"),
    "unlabel": ("issues", "unlabeled"),
    "lock": ("issues", "locked"),
    "edit": ("issues", "edited"),
    "transfer": ("issues", "transferred", "opened"),
    "delete": ("issues", "deleted"),
}


@pytest.mark.parametrize("do", ACTS)
def test_acts_are_told_in_githubs_words(github: Local, listener: Listener, do: str) -> None:
    """Each act has its event and action."""
    if do == "reopen":
        github.act("root", "close")
    github.control("POST", "hook", json={"url": listener.url, "secret": "s"})
    github.act(
        "root", do, label="bug" if do == "unlabel" else "fresh", title="New title", to="acme/widget"
    )
    event, *actions = ACTS[do]
    told = [payload["action"] for payload in listener.wait(len(actions))]
    assert (listener.got[0][0]["x-github-event"], sorted(told)) == (event, sorted(actions))


def test_a_transfer_tells_both_ends_of_each_other(github: Local, listener: Listener) -> None:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#issues"""
    github.control("POST", "hook", json={"url": listener.url, "secret": "s"})
    github.act("root", "transfer", to="acme/widget")
    told = {payload["action"]: payload["changes"] for payload in listener.wait(2)}
    assert told["transferred"]["new_issue"]["repository_url"].endswith("/repos/acme/widget")
    assert told["opened"]["old_issue"]["number"] == 1


@pytest.mark.parametrize("first", ["transferred", "opened"])
def test_a_transfer_is_told_in_any_order(github: Local, listener: Listener, first: str) -> None:
    """https://github.com/octokit/webhooks.js/issues/590"""
    knobs = {"webhooks": f"{first}_first", "webhook_gap_seconds": 0.3}
    github.control("POST", "transfers", json=knobs)
    github.control("POST", "hook", json={"url": listener.url, "secret": "s"})
    github.act("root", "transfer", to="acme/widget")
    told = listener.wait(2)
    assert told[0]["action"] == first
    assert {"old_issue", "new_issue"} == {
        key for one in told for key in one["changes"] if "issue" in key
    }


def test_a_rename_is_told_with_the_old_name(github: Local, listener: Listener) -> None:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#repository"""
    github.control("POST", "hook", json={"url": listener.url, "secret": "s"})
    github.control(
        "POST",
        "act",
        json={"do": "rename_repository", "repository": "acme/mono", "to": "acme/monorepo"},
    )
    told = listener.wait(1)[0]
    assert (told["action"], told["changes"]["repository"]["name"]["from"]) == ("renamed", "mono")
    assert told["repository"]["full_name"] == "acme/monorepo"


def test_a_delivery_can_be_sent_again_under_the_same_guid(
    github: Local, listener: Listener, app_headers: Callable[[], dict[str, str]]
) -> None:
    """By the App itself; the log shows both."""
    github.control("POST", "hook", json={"url": listener.url, "app": "butler"})
    github.act("amy", "comment")
    listener.wait(1)
    first = github.rest("GET", "/app/hook/deliveries", headers=app_headers()).json()[0]
    address = f"/app/hook/deliveries/{first['id']}/attempts"
    assert github.rest("POST", address, headers=app_headers()).status_code == 202
    listener.wait(2)
    assert (
        listener.got[0][0]["x-github-delivery"]
        == listener.got[1][0]["x-github-delivery"]
        == first["guid"]
    )
    listed = github.rest("GET", "/app/hook/deliveries", headers=app_headers()).json()
    assert [one["redelivery"] for one in listed] == [True, False]


def test_a_delivery_older_than_three_days_stays_unsent(
    github: Local, listener: Listener, app_headers: Callable[[], dict[str, str]]
) -> None:
    """GitHub keeps them for three days."""
    github.control("POST", "hook", json={"url": listener.url, "app": "butler"})
    github.act("amy", "comment")
    listener.wait(1)
    delivery = next(iter(github.world.deliveries.values()))
    delivery.sent -= 3 * 24 * 3600 + 1
    assert (
        github.rest(
            "POST", f"/app/hook/deliveries/{delivery.id}/attempts", headers=app_headers()
        ).status_code
        == 422
    )


def test_an_app_hears_only_of_repositories_where_it_is_installed(
    github: Local, listener: Listener
) -> None:
    """Once uninstalled it hears nothing more."""
    github.control("POST", "hook", json={"url": listener.url, "app": "butler"})
    github.control("POST", "installation", json={"id": 88, "removed": True})
    github.control("POST", "hook", json={"url": listener.url, "events": ["issues"]})
    github.act("amy", "comment")
    github.act("amy", "close")
    assert [payload["action"] for payload in listener.wait(1)] == ["closed"]


@pytest.fixture
def app_headers(github: Local) -> Callable[[], dict[str, str]]:
    """Headers of the App itself."""

    def make() -> dict[str, str]:
        now = int(time.time())
        claims = {"iat": now - 30, "exp": now + 300, "iss": str(github.app.id)}
        return {"authorization": f"bearer {jwt.encode(claims, github.app.private_key, 'RS256')}"}

    return make


def test_payloads_name_the_repository(github: Local, listener: Listener) -> None:
    """With its owner as organization."""
    github.control("POST", "hook", json={"url": listener.url})
    github.act("bob", "open_pull", title="Mend", paths=["a.py"])
    payload = listener.wait(1)[0]
    assert (payload["repository"]["full_name"], payload["organization"]["login"]) == (
        SOURCE,
        "acme",
    )
    assert payload["pull_request"]["changed_files"] == 1
