"""Webhook signatures
(https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

_PREFIX = "sha256="


def signature(secret: bytes, body: bytes) -> str:
    """Value of ``X-Hub-Signature-256`` for the raw ``body``."""
    return _PREFIX + hmac.digest(secret, body, "sha256").hex()


def is_signed(body: bytes, header: str, secrets: Iterable[bytes]) -> bool:
    """Whether ``header`` signs ``body`` with one of ``secrets`` (two while one is being replaced).

    Compared in constant time, and each secret is tried, so that the time taken tells nothing. No
    secret: never.
    """
    given = header.encode()
    matches = [
        hmac.compare_digest(signature(secret, body).encode(), given) for secret in secrets if secret
    ]
    return any(matches)
