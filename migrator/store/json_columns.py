"""JSON documents in columns, written in one canonical order."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")
Document = TypeVar("Document")


def write(document: Any) -> bytes:
    """A document as UTF-8 JSON."""
    return _ENCODER.encode(document)


def read(document: bytes, kind: type[Document]) -> Document:
    """A document read back. Raises ``msgspec.ValidationError`` if the column holds something
    else."""
    return msgspec.json.decode(document, type=kind)
