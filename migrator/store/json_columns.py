"""JSON documents in columns, written in one canonical order."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")
Document = TypeVar("Document")
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What :func:`read` raises for a column that an older version wrote otherwise, or that was
damaged."""


def write(document: Any) -> bytes:
    """A document as UTF-8 JSON."""
    return _ENCODER.encode(document)


def read(document: bytes, kind: type[Document]) -> Document:
    """A document read back. Raises one of :data:`UNREADABLE` if the column holds something
    else."""
    return msgspec.json.decode(document, type=kind)


def read_or(document: bytes, kind: type[Document], otherwise: Document) -> Document:
    """The same; ``otherwise`` if the column holds something else."""
    try:
        return read(document, kind)
    except UNREADABLE:
        return otherwise
