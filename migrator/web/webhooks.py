"""``POST /webhooks``: check, store, answer; nothing else happens inside the request.

    who signed it?   401      too large?  413      not JSON, no headers?  400 or 415
    of no interest, or of another repository?  202, counted, not stored
    stored, or stored before:   202
    finished before: 200, dropped              the disk refuses:           503, and GitHub can
    deliver it again

An ASGI endpoint on an exact route, without a framework's request object: the body is read once, as
bytes, because that is what GitHub signs
(https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from migrator.domain.webhooks.subscriptions import Interest, interest, may_be_of_strangers
from migrator.github.signatures import is_signed
from migrator.store.deliveries import Arrived
from migrator.web.delivery_buffer import DeliveryBuffer
from migrator.web.metrics import Metrics

PATH: Final = "/webhooks"
LARGEST: Final = 25 * 1024 * 1024
"""Bytes; GitHub sends no larger payloads
(https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap)."""
MOST_BUFFERED: Final = 8 * LARGEST
"""Bytes of unfinished bodies held at a time: strangers can send bodies, too, and are known only
once all of it is here."""

_WORD = re.compile(r"[a-z0-9_]{1,60}")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_ONCE: Final = (
    b"x-hub-signature-256",
    b"x-github-event",
    b"x-github-delivery",
    b"content-type",
    b"content-length",
)
_JSON_HEADERS = [(b"content-type", b"application/json")]


class _DeliveryRepository(msgspec.Struct):
    id: int = 0
    full_name: str = ""


class _WebhookBody(msgspec.Struct):
    """What is read of a body before it is stored; the rest is only checked to be JSON."""

    action: str = ""
    repository: _DeliveryRepository | None = None


_decode = msgspec.json.Decoder(_WebhookBody).decode


class DeliveryRefused(Exception):
    """The delivery is not accepted. ``code`` is one word for counting, ``cause`` a sentence for
    GitHub's delivery log."""

    def __init__(self, status: int, code: str, cause: str) -> None:
        super().__init__(cause)
        self.status, self.code, self.cause = status, code, cause


class SenderGone(Exception):
    """The connection ended before the body did."""


class WebhookEndpoint:
    """The endpoint. ``secrets`` are all that are valid now: two while one is being replaced."""

    def __init__(
        self,
        inbox: DeliveryBuffer,
        secrets: Sequence[bytes],
        clock: Callable[[], datetime],
        metrics: Metrics,
        concerns: Callable[[int, str], bool] = lambda _number, _name: True,
    ) -> None:
        self._inbox = inbox
        self._secrets = tuple(secrets)
        self._clock = clock
        self._metrics = metrics
        self._concerns = concerns
        self._buffered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        try:
            status, word, detail = await self._take(scope, receive)
        except DeliveryRefused as refused:
            status, word, detail = refused.status, refused.code, refused.cause
        except SenderGone:
            self._metrics.arrived("cut_off")
            return
        except Exception as error:
            self._metrics.failed(error)
            status, word, detail = (
                503,
                "not_stored",
                "the delivery could not be stored; deliver it again later",
            )
        self._metrics.arrived(word)
        self._metrics.accept_seconds.observe(time.perf_counter() - began)
        await _reply(
            send, status, {"result": word, "detail": detail} if detail else {"result": word}
        )

    async def _take(self, scope: Scope, receive: Receive) -> tuple[int, str, str]:
        """Status, word and detail of the answer. Raises :class:`DeliveryRefused` and
        :class:`SenderGone`."""
        headers = _headers(scope)
        event, delivery_id = (
            _word(headers, b"x-github-event", _WORD),
            _word(headers, b"x-github-delivery", _ID),
        )
        given = _signature(headers)
        _check_type(headers)
        body = await self._body(headers, receive)
        if not is_signed(body, given, self._secrets):
            raise DeliveryRefused(401, "forged", "the signature does not match the body")
        envelope = _envelope(body)
        action = envelope.action
        found = interest(event, action)
        if found is not Interest.REACT:
            return 202, "ignored" if found is Interest.IGNORE else "unknown", ""
        about = envelope.repository or _DeliveryRepository()
        if may_be_of_strangers(event, action) and not self._concerns(about.id, about.full_name):
            return 202, "elsewhere", ""
        arrived = Arrived(
            id=delivery_id, event=event, action=action, received_at=self._clock(), payload=body
        )
        finished = await self._inbox.put(arrived)
        return (200, "finished_before", "") if finished else (202, "accepted", "")

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The whole body. Raises :class:`DeliveryRefused` for one that is too large, before
        holding it."""
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or len(announced) > 12:
            raise DeliveryRefused(400, "bad_length", "Content-Length is not a number")
        if int(announced) > LARGEST:
            raise DeliveryRefused(413, "too_large", f"bodies have at most {LARGEST} bytes")
        chunks: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise SenderGone
                chunk = message.get("body", b"")
                size += len(chunk)
                self._buffered += len(chunk)
                self._check_room(size)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        finally:
            self._buffered -= size

    def _check_room(self, size: int) -> None:
        if size > LARGEST:
            raise DeliveryRefused(413, "too_large", f"bodies have at most {LARGEST} bytes")
        if self._buffered > MOST_BUFFERED:
            raise DeliveryRefused(
                429, "crowded", "too many large deliveries at a time; deliver it again later"
            )


def _word(headers: Mapping[bytes, bytes], name: bytes, shape: re.Pattern[str]) -> str:
    value = headers.get(name, b"").decode("latin-1")
    if not shape.fullmatch(value):
        raise DeliveryRefused(
            400,
            "no_headers",
            f"the header {name.decode()} is missing or malformed: this is not a GitHub webhook",
        )
    return value


def _signature(headers: Mapping[bytes, bytes]) -> str:
    value = headers.get(b"x-hub-signature-256", b"").decode("latin-1")
    if not value:
        raise DeliveryRefused(
            401, "unsigned", "the delivery is not signed: set the App's webhook secret"
        )
    return value


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name. Raises :class:`DeliveryRefused` if one that counts is there twice:
    two readers could take different ones."""
    given = scope["headers"]
    headers = dict(given)
    if len(headers) != len(given):
        names = [name for name, _ in given]
        if any(names.count(name) > 1 for name in _ONCE):
            raise DeliveryRefused(
                400, "no_headers", "a header that may be there once is there twice"
            )
    return headers


def _check_type(headers: Mapping[bytes, bytes]) -> None:
    """Raises :class:`DeliveryRefused` unless the body is announced as JSON."""
    kind = headers.get(b"content-type", b"")
    if (
        kind != b"application/json"
        and kind.partition(b";")[0].strip().lower() != b"application/json"
    ):
        raise DeliveryRefused(415, "not_json", "set the webhook's content type to application/json")


def _envelope(body: bytes) -> _WebhookBody:
    """What the body says of itself. Raises :class:`DeliveryRefused` if it is no JSON object of
    Unicode text.

    Half a surrogate pair is no Unicode character. A delivery that is refused for it is not lost:
    the reconciler reads the item itself.
    """
    try:
        str(body, "utf-8")  # what is skipped below is not looked at
        if b"\\ud" in body or b"\\uD" in body:
            msgspec.json.decode(body)
        return _decode(body)
    except UnicodeDecodeError as error:
        raise DeliveryRefused(400, "not_json", "the body is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        half = _has_half_a_pair(body)
        cause = "a text in the body holds half of a surrogate pair: it is not valid Unicode"
        raise DeliveryRefused(
            400,
            "not_json",
            cause if half else "the body is not a JSON object that can be read",
        ) from error


def _has_half_a_pair(body: bytes) -> bool:
    """Whether a body can be read but for halves of surrogate pairs, which Python's own reader
    takes."""
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        pass
    return False


async def _reply(send: Send, status: int, content: Mapping[str, str]) -> None:
    body = msgspec.json.encode(content)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*_JSON_HEADERS, _length(body)],
        }
    )
    await send({"type": "http.response.body", "body": body})


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()
