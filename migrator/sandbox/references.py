"""What a text names: other items, which get a backlink, and people, who get a mail.

https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
Code is not searched. An address at ``redirect.github.com`` links without leaving a backlink.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`|<!--.*?-->", re.DOTALL)
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]+"
_ADDRESS = re.compile(rf"https?://(?:www\.)?github\.com/({_NAME})/(?:issues|pull)/(\d+)")
_ANY_ADDRESS = re.compile(r"https?://\S+")
_FULL = re.compile(rf"(?<![\w/.@-])({_NAME})#(\d+)\b")
_SHORT = re.compile(r"(?<![\w/&#-])(?:#|GH-)(\d+)\b")
_MENTION = re.compile(r"(?<![\w/`.@-])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?![\w/])")


def items_named(text: str, repository: str) -> Iterator[tuple[str, int]]:
    """Yield ``(owner/name, number)`` of every item that ``text``, standing in ``repository``,
    refers to; once each."""
    bare = _CODE.sub(" ", text)
    found = [(name, int(number)) for name, number in _ADDRESS.findall(bare)]
    bare = _ANY_ADDRESS.sub(" ", bare)
    found += [(name, int(number)) for name, number in _FULL.findall(bare)]
    found += [(repository, int(number)) for number in _SHORT.findall(bare)]
    seen: set[tuple[str, int]] = set()
    for name, number in found:
        if (key := (name.lower(), number)) not in seen:
            seen.add(key)
            yield name, number


def people_named(text: str) -> list[str]:
    """Return the logins that ``text`` mentions with ``@``, in lower case, once each."""
    bare = _ANY_ADDRESS.sub(" ", _CODE.sub(" ", text))
    return list(dict.fromkeys(login.lower() for login in _MENTION.findall(bare)))
