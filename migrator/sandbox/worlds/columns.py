"""The columns of a CSV (or keys of JSON lines) that mean something, and how each one's value is
read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from migrator.sandbox.clock import iso, parse
from migrator.sandbox.worlds.item_builder import LONGEST_BODY, Record

_REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?|[A-Za-z0-9_-]{1,60}")
_EARLIEST, _LATEST = parse("2000-01-01"), parse("2100-01-01")
_STATES = ("open", "closed", "merged")
_ISSUE, _PULL = "issue", "pull_request"
_KINDS = {"issue": _ISSUE, "pull_request": _PULL, "pull request": _PULL, "pull": _PULL, "pr": _PULL}


class BadValue(ValueError):
    """A value that its column cannot hold."""

    def __init__(self, column: str, cause: str, cure: str) -> None:
        super().__init__(f"{column}: {cause}; {cure}")
        self.column = column
        self.cause = cause
        self.cure = cure


def item_from_cells(cells: dict[str, Any]) -> Record:
    """A CSV row as an item record. An empty cell is as good as none. Raises :class:`BadValue`."""
    values: dict[str, Any] = {
        name: cell for name, cell in cells.items() if name in ("title", "body") or cell.strip()
    }
    if "labels" in values:
        values["labels"] = [name.strip() for name in values["labels"].split(";") if name.strip()]
    if "comments" in values:
        values["comments"] = _json_cell("comments", values["comments"])
    if "number" in values:
        values["number"] = _number_cell(values["number"])
    return item_from_values(values)


def item_from_values(values: dict[str, Any]) -> Record:
    """A JSON object without ``record`` as an item record. Raises :class:`BadValue`. Unknown keys
    are left behind."""
    record: Record = {
        "record": "item",
        **{name: read(values[name]) for name, read in _READERS.items() if name in values},
    }
    if "title" not in record:
        raise BadValue("title", "it is missing", "every row needs one")
    if record.get("state") == "merged" and record.get("kind") != _PULL:
        raise BadValue(
            "state",
            "only a pull request can be merged",
            "set `kind` to pull_request, or `state` to closed",
        )
    return {name: value for name, value in record.items() if value is not None}


def _json_cell(column: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadValue(
            column,
            f"it is not JSON ({error})",
            'write a list such as [{"author": "octocat", "body": "..."}], or leave it empty',
        ) from error


def _number_cell(text: str) -> int:
    if not re.fullmatch(r"\s*#?[0-9]{1,9}\s*", text):
        raise BadValue(
            "number",
            f"{_short(text)} is not a number",
            "give the item's number, or leave the cell empty",
        )
    return int(text.strip().lstrip("#"))


def _title(value: Any) -> str:
    text = _text("title")(value)
    if not text.strip():
        raise BadValue("title", "it is empty", "every item has a title")
    return text


def _body(value: Any) -> str:
    text = "" if value is None else _text("body")(value)
    if len(text) > LONGEST_BODY:
        raise BadValue(
            "body", f"it has {len(text):,} characters, GitHub takes {LONGEST_BODY:,}", "cut it"
        )
    return text


def _text(column: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise BadValue(column, f"it is {_kind(value)}, not text", "put it in quotes")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise BadValue(
                column, "it holds half of a surrogate pair", "write whole characters"
            ) from error
        if "\0" in value:
            raise BadValue(
                column, "it holds a NUL character", "remove it; GitHub does not store it either"
            )
        return value

    return read


def _time(column: str) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        if value is None:
            return None
        text = _text(column)(value).strip()
        try:
            at = parse(text)
        except (ValueError, OverflowError) as error:
            raise BadValue(
                column,
                f"{_short(text)} is not a time",
                "write it as 2021-06-24T00:00:00Z (without a zone it is taken as UTC)",
            ) from error
        if not _EARLIEST <= at < _LATEST:
            raise BadValue(
                column,
                f"{_short(text)} is not a time at which an item was written",
                "check the year",
            )
        return iso(at)

    return read


def _labels(value: Any) -> list[str]:
    if isinstance(value, list):
        names = [name.get("name") if isinstance(name, dict) else name for name in value]
        if all(isinstance(name, str) and name.strip() for name in names):
            return list(dict.fromkeys(_text("labels")(name) for name in names))
    raise BadValue(
        "labels", "it is not a list of names", 'write ["type:bug"], or in a CSV type:bug;stalled'
    )


def _comments(value: Any) -> list[Record]:
    if not isinstance(value, list):
        raise BadValue(
            "comments",
            f"it is {_kind(value)}, not a list",
            'write [{"author": "octocat", "body": "..."}]',
        )
    return [_comment(position, comment) for position, comment in enumerate(value, 1)]


def _comment(position: int, value: Any) -> Record:
    column = f"comments[{position}]"
    if isinstance(value, str):
        value = {"body": value}
    if not isinstance(value, dict):
        raise BadValue(
            column,
            f"it is {_kind(value)}, not an object",
            'write {"author": "octocat", "body": "..."}',
        )
    unknown = sorted(set(value) - {"author", "body", "created_at"})
    if unknown or "body" not in value:
        cause = f"it has the unknown key {unknown[0]!r}" if unknown else "it has no body"
        raise BadValue(
            column, cause, "a comment has `body`, and may have `author` and `created_at`"
        )
    read: Record = {"body": _body(value["body"])}
    if value.get("author") is not None:
        read["author"] = _author(value["author"])
    created = _time(f"{column}.created_at")(value.get("created_at"))
    return read | ({"created_at": created} if created else {})


def _author(value: Any) -> str | None:
    if value is None:
        return None
    login = _text("author")(value).strip().removeprefix("@")
    if not _LOGIN.fullmatch(login):
        raise BadValue(
            "author",
            f"{_short(login)} is no login",
            "give the account's login: letters, digits and hyphens",
        )
    return login.removesuffix("[bot]")


def _kind_word(value: Any) -> str | None:
    """GitHub's two kinds; other words (a data set's `bug` or `question`) say nothing about it
    and mean an issue."""
    return _KINDS.get(_text("kind")(value).strip().lower(), _ISSUE)


def _state(value: Any) -> str:
    word = _text("state")(value).strip().lower()
    if word not in _STATES:
        raise BadValue("state", f"{_short(word)} is no state", f"one of {', '.join(_STATES)}")
    return word


def _number(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise BadValue(
            "number",
            f"{_short(str(value))} is not a number above 0",
            "give the item's number, or leave it out",
        )
    return value


def _repository(value: Any) -> str:
    name = _text("repository")(value).strip()
    if not _REPOSITORY.fullmatch(name):
        raise BadValue("repository", f"{_short(name)} is no repository", "write owner/name")
    return name


def _kind(value: Any) -> str:
    return {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        type(None): "null",
    }.get(type(value), "a number")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


_READERS: dict[str, Callable[[Any], Any]] = {
    "repository": _repository,
    "number": _number,
    "kind": _kind_word,
    "title": _title,
    "body": _body,
    "author": _author,
    "created_at": _time("created_at"),
    "state": _state,
    "labels": _labels,
    "comments": _comments,
}
COLUMNS = frozenset(_READERS)
"""Columns that mean something; all others are ignored, and named."""
