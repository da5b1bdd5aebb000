"""Text that no database stores: NUL, and halves of surrogate pairs. People write both, and GitHub
hands both out.

https://www.postgresql.org/docs/current/datatype-character.html
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""How JSON spells what may have to be mended; a whole surrogate pair is spelled so, too."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def decoded(content: bytes) -> Any:
    """The JSON value of a reply, with what cannot be stored replaced. Raises ``ValueError`` for
    what is no JSON."""
    suspect = _SUSPECT.search(content) is not None
    try:
        value = msgspec.json.decode(content)
    except ValueError:
        if not suspect and content.isascii():
            raise
        value = json.loads(
            content.decode("utf-8", "replace")
        )  # takes a half of a pair, and bytes that are no UTF-8
    return mended(value) if suspect else value


def mended(value: Any) -> Any:
    """The same value with each character that cannot be stored replaced by U+FFFD."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {key: mended(inner) for key, inner in value.items()}
    return [mended(inner) for inner in value] if isinstance(value, list) else value
