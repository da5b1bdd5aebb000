"""What the webhook accepts, what it refuses, and that nothing between the two is stored."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from migrator.domain.webhooks.triggers import Trigger, TriggerScope
from migrator.github.signatures import signature
from migrator.listener.dispatcher import Dispatcher
from migrator.web.app import AppDependencies, create_app
from migrator.web.webhooks import LARGEST
from tests.support.webhook_sender import SECRET, Sender, serving

OPENED = {"action": "opened", "issue": {"number": 1}, "repository": {"full_name": "octo/mono"}}


def test_a_signed_delivery_is_stored_byte_for_byte(sender: Sender) -> None:
    """What GitHub signed is what is kept, whitespace and all."""
    body = b'{"action":  "opened",\n "title": "\xc3\xa4"}'
    assert sender.send(body, delivery="d-1").status_code == 202
    kept = sender.deliveries.get("d-1")
    assert kept is not None
    assert (kept.payload, kept.event, kept.action, kept.finished_at) == (
        body,
        "issues",
        "opened",
        None,
    )


HALVES = {
    "high": '"\\ud83d and more text behind it"',
    "low": '"\\ude00"',
    "two highs": '"\\ud83d\\ud83d\\ude00"',
    "wrong order": '"\\ude00\\ud83d"',
    "capital letters": '"\\uD83D b"',
    "in a name": '{"\\ud83d": 1}',
    "in a list": '[["\\ud83d"]]',
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_a_surrogate_pair_is_refused_with_the_reason(sender: Sender, half: str) -> None:
    """It is no Unicode text, wherever in the body it stands. A correctly paired one is."""
    whole = msgspec.json.encode(OPENED)[:-1]
    refused = sender.send(whole + b', "title": %s}' % half.encode(), delivery="d-1")
    assert refused.status_code == 400
    assert "surrogate pair" in refused.json()["detail"]
    paired = whole + b', "title": "a \\ud83d\\ude00 b, \\\\ud83d"}'
    assert sender.send(paired, delivery="d-2").status_code == 202
    assert sender.stored == ["d-2"]


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_bytes_that_are_not_utf8_are_refused(sender: Sender, bad: bytes) -> None:
    """Also halves of surrogate pairs that are written as bytes, and where nothing is read."""
    body = msgspec.json.encode(OPENED)[:-1] + b', "title": "a' + bad + b'"}'
    refused = sender.send(body, delivery="d-1")
    assert (refused.status_code, refused.json()["detail"]) == (400, "the body is not UTF-8")
    assert sender.stored == []


def test_both_secrets_are_valid_while_one_replaces_the_other(sender: Sender) -> None:
    """GitHub goes on signing with the old secret for deliveries under way."""
    assert sender.send(OPENED, secret=b"the one before").status_code == 202


def test_a_redelivery_of_unfinished_work_is_accepted_again_and_kept_once(sender: Sender) -> None:
    """Seen means finished: what was only accepted is not dropped."""
    answers = [sender.send(OPENED, delivery="d-1").status_code for _ in range(3)]
    assert answers == [202, 202, 202]
    assert sender.stored == ["d-1"]


def test_a_redelivery_of_finished_work_is_dropped(sender: Sender) -> None:
    """200 says that there is nothing to do any more."""
    sender.send(OPENED, delivery="d-1")
    sender.deliveries.finish([("d-1", "done")], datetime.now(UTC))
    again = sender.send(OPENED, delivery="d-1")
    assert (again.status_code, again.json()["result"]) == (200, "finished_before")
    assert sender.deliveries.unfinished(10) == []


def test_the_same_delivery_in_parallel_is_kept_once(sender: Sender) -> None:
    """Whichever of them comes first, there is one row."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: sender.send(OPENED, delivery="d-1").status_code, range(40))
        )
    assert set(answers) == {202}
    assert sender.stored == ["d-1"]


@pytest.mark.parametrize(
    ("event", "action"), [("star", "created"), ("ping", ""), ("issues", "pinned")]
)
def test_what_we_ignore_is_answered_and_not_stored(sender: Sender, event: str, action: str) -> None:
    """Ignoring on purpose is a success for GitHub."""
    answer = sender.send(
        {"action": action} if action else {"zen": "Keep it logically awesome."}, event=event
    )
    assert (answer.status_code, answer.json()["result"], sender.stored) == (202, "ignored", [])


@pytest.mark.parametrize(
    ("event", "action"), [("issues", "teleported"), ("brand_new_event", "created")]
)
def test_what_nobody_knows_yet_is_counted_and_ignored(
    sender: Sender, event: str, action: str
) -> None:
    """GitHub adds events and actions without asking us."""
    answer = sender.send({"action": action}, event=event)
    assert (answer.status_code, answer.json()["result"], sender.stored) == (202, "unknown", [])
    assert (
        'migrator_webhooks_total{result="unknown"} 1.0'
        in httpx.get(f"{sender.address}/metrics").text
    )


class Idle:
    """Looks after repositories that are in no example."""

    scope = TriggerScope(
        source="octo/mono", targets=("octo/new",), since=datetime(2024, 1, 1, tzinfo=UTC)
    )

    def note_repository(self, repository: str, repository_id: str) -> None:
        """Which id a repository has is of no interest here."""

    async def handle(self, repository: str, number: int, intents: frozenset[Trigger]) -> str:
        """Never asked."""
        raise AssertionError((repository, number, intents))


def test_every_example_of_github_is_taken_or_ignored_on_purpose(
    sender: Sender, node_package: Callable[[str], Path]
) -> None:
    """All 329, over HTTP: none is refused or unknown, and what is stored can be read."""
    index = node_package("@octokit/webhooks-examples") / "api.github.com" / "index.json"
    examples = [
        (event["name"], each)
        for event in msgspec.json.decode(index.read_bytes())
        for each in event["examples"]
    ]
    assert len(examples) == 329
    with httpx.Client() as client:
        answers = Counter(
            sender.send(payload, event=event, client=client).json()["result"]
            for event, payload in examples
        )
    assert set(answers) == {"accepted", "ignored"}
    assert len(sender.stored) == answers["accepted"] > 40
    asyncio.run(Dispatcher(sender.deliveries, Idle(), lambda: datetime.now(UTC)).drain())
    assert {each.result for each in sender.deliveries.newest(1000)} == {"ignored"}


HOSTILE = {
    "forged": ({"body": OPENED, "secret": b"guessed"}, 401),
    "empty secret": ({"body": OPENED, "secret": b""}, 401),
    "unsigned": ({"body": OPENED, "headers": {"x-hub-signature-256": ""}}, 401),
    "signed by sha1 only": (
        {"body": OPENED, "headers": {"x-hub-signature-256": "", "x-hub-signature": "sha1=00"}},
        401,
    ),
    "signature of another body": (
        {"body": OPENED, "headers": {"x-hub-signature-256": signature(SECRET, b"{}")}},
        401,
    ),
    "signature that is no text": (
        {"body": OPENED, "headers": {"x-hub-signature-256": "sha256=\u00e4"}},
        401,
    ),
    "no event": ({"body": OPENED, "headers": {"x-github-event": ""}}, 400),
    "event in disguise": ({"body": OPENED, "event": "issues\u00a0"}, 400),
    "no id": ({"body": OPENED, "headers": {"x-github-delivery": ""}}, 400),
    "endless id": ({"body": OPENED, "delivery": "a" * 65}, 400),
    "id with a quote": ({"body": OPENED, "delivery": "'; drop"}, 400),
    "a form": (
        {
            "body": b"payload=%7B%7D",
            "headers": {"content-type": "application/x-www-form-urlencoded"},
        },
        415,
    ),
    "not JSON": ({"body": b"<xml/>"}, 400),
    "empty": ({"body": b""}, 400),
    "cut short": ({"body": b'{"action": "opened", "issue": {"numb'}, 400),
    "a list": ({"body": b'[{"action": "opened"}]'}, 400),
    "action that is no word": ({"body": b'{"action": {"opened": true}}'}, 400),
    "deep nesting": (
        {"body": b'{"action": "opened", "issue": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"},
        400,
    ),
    "deep nesting without end": ({"body": b'{"a":' * 200_000}, 400),
    "not UTF-8": ({"body": b'{"action": "opened", "title": "\xff\xfe"}'}, 400),
    "too large": ({"body": b" " * (LARGEST + 1)}, 413),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_deliveries_are_refused_and_nothing_is_stored(sender: Sender, name: str) -> None:
    """Always 4xx, never 5xx, never a row; and the next honest delivery is accepted."""
    arguments, status = HOSTILE[name]
    assert sender.send(**arguments).status_code == status  # type: ignore[arg-type]
    assert sender.stored == []
    assert sender.send(OPENED).status_code == 202


def test_a_replay_with_another_body_needs_a_signature_of_its_own(sender: Sender) -> None:
    """The id is not signed, but the body is."""
    first = sender.send(OPENED, delivery="d-1")
    signed = first.request.headers["x-hub-signature-256"]
    assert (
        sender.send(
            {**OPENED, "action": "deleted"}, headers={"x-hub-signature-256": signed}
        ).status_code
        == 401
    )
    assert sender.stored == ["d-1"]


def test_a_body_of_25_mebibytes_is_accepted(sender: Sender) -> None:
    """GitHub's own limit is ours."""
    body = b'{"action": "opened", "pad": "' + b"x" * (LARGEST - 31) + b'"}'
    assert len(body) == LARGEST
    assert sender.send(body, delivery="large").status_code == 202


def test_an_endless_body_is_refused_before_it_ends(sender: Sender) -> None:
    """Without a length there is still a limit."""
    pieces = (b" " * 1_000_000 for _ in range(40))
    headers = {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": "d-1",
    }
    try:
        answer = httpx.post(
            f"{sender.address}/webhooks",
            content=pieces,
            headers={**headers, "x-hub-signature-256": "sha256=00"},
        )
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # the connection was closed on the sender: refused as well
    assert sender.stored == []


def test_a_body_that_never_ends_leaves_nothing_behind(sender: Sender) -> None:
    """A sender that hangs up in the middle is nobody's delivery."""
    where = urlsplit(sender.address)
    with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
        head = (
            "POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-type: "
            "application/json\r\nx-github-event: issues\r\n"
        )
        head += f"x-github-delivery: d-1\r\nx-hub-signature-256: {signature(SECRET, b'{}')}\r\ncontent-length: 50\r\n\r\n"
        connection.sendall(head.encode() + b'{"action": ')
    assert sender.send(OPENED, delivery="d-2").status_code == 202
    assert sender.stored == ["d-2"]


def test_only_the_exact_address_takes_webhooks(sender: Sender) -> None:
    """A GET is no delivery, and another path is no webhook."""
    assert httpx.get(f"{sender.address}/webhooks").status_code == 405
    assert httpx.post(f"{sender.address}/webhooks/x").status_code == 404


def test_a_disk_that_refuses_is_told_to_github(sender: Sender) -> None:
    """An answer of success would lose the delivery; the reason stays inside."""

    def refuse(_batch: object) -> frozenset[str]:
        raise OSError("disk full at /secret/place")

    tools = AppDependencies(store=refuse, secrets=(SECRET,), clock=lambda: datetime.now(UTC))
    with serving(create_app(tools)) as address:
        answer = Sender(address, sender.deliveries).send(OPENED)
        assert answer.status_code == 503
        assert "secret" not in answer.text
        assert 'migrator_errors_total{kind="OSError"} 1.0' in httpx.get(f"{address}/metrics").text


def test_without_a_secret_there_is_no_webhook() -> None:
    """Nothing is accepted that nobody signed."""
    tools = AppDependencies(
        store=lambda _: frozenset(), secrets=(), clock=lambda: datetime.now(UTC)
    )
    with serving(create_app(tools)) as address:
        assert httpx.post(f"{address}/webhooks", json=OPENED).status_code == 404


def test_readiness_names_what_is_in_the_way() -> None:
    """Probes see a number, people a sentence; being alive is another question."""
    tools = AppDependencies(
        store=lambda _: frozenset(),
        secrets=(SECRET,),
        clock=lambda: datetime.now(UTC),
        obstacles=lambda: ["no worker is alive"],
    )
    with serving(create_app(tools)) as address:
        ready, alive = httpx.get(f"{address}/readyz"), httpx.get(f"{address}/healthz")
    assert (ready.status_code, ready.json()["obstacles"]) == (503, ["no worker is alive"])
    assert alive.status_code == 200
