"""Webhooks: which ones matter, and what they say."""

from __future__ import annotations

from migrator.domain.webhooks.payloads import Happened, UnreadablePayload, read
from migrator.domain.webhooks.subscriptions import Interest, interest

__all__ = ["Happened", "Interest", "UnreadablePayload", "interest", "read"]
