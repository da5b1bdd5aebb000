"""YAML that others wrote: read as far as it makes sense, never an error."""

from __future__ import annotations

from typing import Any

import yaml


def mapping(value: Any) -> dict[Any, Any]:
    """``value`` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Any]:
    """``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def read_mapping(text: str) -> dict[Any, Any]:
    """The mapping that a YAML text is; empty for anything else, broken texts, impossible dates
    and endless nesting included."""
    try:
        return mapping(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
