"""Webhooks: which ones matter, and what they say."""

from __future__ import annotations

from migrator.domain.events.catalogue import Interest, interest
from migrator.domain.events.payloads import Happened, UnreadablePayload, read

__all__ = ["Happened", "Interest", "UnreadablePayload", "interest", "read"]
