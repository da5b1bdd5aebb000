"""Changes single settings of a migration file: ``activity.stale_after=180d``, for asking what would
be if.

A setting is ``key=value`` with the dotted key of the file (quote a step that holds dots or colons:
``ownership.labels.ours."comp:keras"=keras``). A part is named by its name:
``parts.keras.target=...``. The value is TOML; what is no TOML value, or not of the setting's type,
is taken as plain text, so ``180d`` needs no quotes.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError

Path = tuple[str | int, ...]


def with_settings(
    document: Mapping[str, Any] | MigrationFile, settings: Sequence[str]
) -> MigrationFile:
    """The rules of ``document`` (a valid migration file, as parsed TOML or as rules) with these
    settings changed.

    Raises :class:`ConfigError` that names the setting and what is wrong with it, or the rule that
    the changed file breaks.
    """
    changed = (
        document.model_dump(mode="json")
        if isinstance(document, MigrationFile)
        else copy.deepcopy(dict(document))
    )
    base = document if isinstance(document, MigrationFile) else _validated(changed, "")
    for setting in settings:
        path, values = _parsed(setting, changed)
        _check_known(base, path, setting)
        changed = _with_first_fitting(changed, path, values, setting)
    return _validated(changed, ", ".join(settings))


def _parsed(setting: str, document: Mapping[str, Any]) -> tuple[Path, list[object]]:
    """The path of a setting, and its value as TOML (if it is any) and as plain text, in this
    order."""
    key, equals, text = setting.partition("=")
    if not equals or not key.strip() or "\n" in setting or "\r" in setting:
        raise ConfigError(
            f"`{setting}` is no setting",
            cure="write KEY=VALUE, for example activity.stale_after=180d",
        )
    steps = _steps(key.strip(), setting)
    values: list[object] = [text.strip()]
    with contextlib.suppress(tomllib.TOMLDecodeError):
        values.insert(0, tomllib.loads(f"value = {text}")["value"])
    return _resolved(steps, document, setting), values


def _steps(key: str, setting: str) -> list[str]:
    """The steps of a dotted TOML key."""
    try:
        table = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise ConfigError(
            f"`{key}` in `{setting}` is no key",
            cure="write dotted names, for example activity.stale_after",
        ) from None
    steps: list[str] = []
    value: object = table
    while isinstance(value, dict):
        step, value = next(iter(value.items()))
        steps.append(step)
    return steps


def _resolved(steps: list[str], document: Mapping[str, Any], setting: str) -> Path:
    """The path with array positions in place of names. An element is named by its ``name`` or
    its position from 0."""
    path: list[str | int] = []
    value: Any = document
    for step in steps:
        if isinstance(value, list | tuple):
            names = [
                element.get("name") if isinstance(element, Mapping) else None for element in value
            ]
            position = (
                names.index(step)
                if step in names
                else int(step)
                if step.isdecimal()
                else len(value)
            )
            if position >= len(value):
                known = ", ".join(f"`{name}`" for name in names if name)
                raise ConfigError(
                    f"`{setting}`: `{step}` does not exist",
                    cure=f"known here: {known}" if known else "",
                )
            path.append(position)
            value = value[position]
        else:
            path.append(step)
            value = value.get(step) if isinstance(value, Mapping) else None
    return tuple(path)


def _check_known(base: MigrationFile, path: Path, setting: str) -> None:
    """Refuse a key that no table has, with the nearest one that exists."""
    value: Any = base
    for position, step in enumerate(path):
        if isinstance(value, BaseModel):
            fields = type(value).model_fields
            if step not in fields:
                near = difflib.get_close_matches(str(step), fields, n=1) or list(fields)
                cure = (
                    f"did you mean `{near[0]}`?"
                    if len(near) == 1
                    else f"known here: {', '.join(near)}"
                )
                raise ConfigError(f"`{setting}`: `{step}` is no setting", cure=cure)
            value = getattr(value, str(step))
        elif isinstance(value, tuple) and isinstance(step, int):
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            raise ConfigError(f"`{setting}`: there is nothing below `{path[position - 1]}`")
    if isinstance(value, BaseModel):
        raise ConfigError(
            f"`{setting}`: that is a table",
            cure=f"set one of its keys: {', '.join(type(value).model_fields)}",
        )


def _with_first_fitting(
    document: dict[str, Any], path: Path, values: list[object], setting: str
) -> dict[str, Any]:
    """The document with the first of the values that fits the setting's type."""
    problems = []
    for value in values:
        candidate = _with_value(document, path, value)
        problem = _problem_at(candidate, path)
        if problem is None:
            return candidate
        problems.append(problem)
    raise ConfigError(
        f"`{setting}`: {problems[0]}", cure="every key is explained in docs/configuration.md"
    )


def _with_value(document: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """A copy of the document with one value replaced; tables that the file leaves out are added."""
    changed = copy.deepcopy(document)
    place: Any = changed
    for step in path[:-1]:
        place = place.setdefault(str(step), {}) if isinstance(place, dict) else place[step]
    place[path[-1]] = value
    return changed


def _problem_at(document: dict[str, Any], path: Path) -> str | None:
    """What validation says about that very setting, ``None`` if nothing."""
    try:
        MigrationFile.model_validate_json(_as_json(document))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            if each["loc"][: len(path)] == path:
                return _words(each["type"], each["msg"])
    return None


def _validated(document: Mapping[str, Any], settings: str) -> MigrationFile:
    try:
        return MigrationFile.model_validate_json(_as_json(document))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        where = f"with {settings}: " if settings else ""
        raise ConfigError(
            f"{where}{place + ': ' if place else ''}{_words(first['type'], first['msg'])}"
        ) from None


def _words(kind: str, message: str) -> str:
    """Pydantic's sentence in the file's words."""
    if kind.startswith("time_delta"):
        return "write a number of days, for example 180d"
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _as_json(document: Mapping[str, Any]) -> str:
    """The document as JSON, in which validation takes arrays and dates although the rules are
    strict."""
    return json.dumps(document, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
