"""Takes one person's texts and name out of a document: an item, a plan's line, a webhook's payload.

The form of the document stays, and so do dates and numbers: what happened when is still told, but
not who it was and what they wrote. GitHub shows deleted accounts the same way, as nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

WRITERS: Final = ("author", "user")
"""Keys under which a document (ours, REST's, GraphQL's) names who wrote the texts beside them."""
TEXTS: Final = ("title", "body", "detail", "text", "value", "reason")
"""Keys of texts that a person may have written."""
GONE: Final = ""
NOBODY: Final = "ghost"
"""GitHub's own name for accounts that are gone (https://github.com/ghost)."""


class Redactor:
    """Forgets one login, whatever its case. ``mentions(text)`` tells quickly whether a text can
    contain it."""

    def __init__(self, login: str) -> None:
        self._login = login.removeprefix("@").casefold()
        word = re.escape(self._login)
        self._mention = re.compile(rf"(?<![A-Za-z0-9-])@?{word}(?![A-Za-z0-9-])", re.IGNORECASE)

    def mentions(self, text: str) -> bool:
        """Whether the login stands in a text, as a whole word."""
        return self._mention.search(text) is not None

    def forget(self, document: Any, *, wrote: bool = False) -> Any:
        """The document without the person. What does not name them is returned as it was.

        ``wrote`` says that the document is part of one that the person wrote: its texts are theirs
        unless it says otherwise.
        """
        if isinstance(document, Mapping):
            return self._forget_in(document, wrote)
        if isinstance(document, list | tuple):
            return [self.forget(one, wrote=wrote) for one in document if not self._is_person(one)]
        if isinstance(document, str):
            return self._mention.sub(
                lambda found: "@" + NOBODY if found[0].startswith("@") else NOBODY, document
            )
        return document

    def _forget_in(self, document: Mapping[str, Any], inside: bool) -> dict[str, Any]:
        writers = [document[key] for key in WRITERS if document.get(key)]
        wrote = any(map(self._is_person, writers)) if writers else inside
        return {key: self._value(key, value, wrote) for key, value in document.items()}

    def _value(self, key: str, value: Any, wrote: bool) -> Any:
        if self._is_person(value):
            return None if isinstance(value, Mapping) else GONE
        if wrote and key in TEXTS and isinstance(value, str):
            return GONE
        return self.forget(value, wrote=wrote)

    def _is_person(self, value: Any) -> bool:
        """Whether a value *is* the person: a login, or an account with that login."""
        login = value.get("login") if isinstance(value, Mapping) else value
        return isinstance(login, str) and login.casefold() == self._login
