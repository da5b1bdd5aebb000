"""Structured logs: one JSON object a line on standard error, with what happened and to which item,
and never a body or a secret.

Loggers bind ``delivery``, ``item`` and ``run`` where they know them. Tracebacks come without the
values of variables, which may be secrets. The records of libraries take the same way.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import structlog

from migrator.domain.clean_text import clean

_SHARED: Final[tuple[Any, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


_RENDER: Final = structlog.dev.ConsoleRenderer(colors=False)


def _for_people(logger: Any, name: str, event: Any) -> str:
    """One line for people. What GitHub or a stranger wrote neither begins a new line nor steers the
    terminal; only tracebacks have lines."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = clean(value) if key == "exception" else " ".join(clean(value).split())
    return str(_RENDER(logger, name, event))


def configure(*, level: int = logging.INFO, plain: bool = False) -> None:
    """Send logs of at least ``level`` to standard error; ``plain`` writes them for people
    instead of programs."""
    renderer: Any = _for_people if plain else structlog.processors.JSONRenderer()
    _set(level, renderer)
    stream = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(_SHARED),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    stream.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[stream], force=True)


def keep_quiet() -> None:
    """For everything that is no service: only warnings, on standard error. What was configured
    before stays."""
    if not structlog.is_configured():
        _set(logging.WARNING, _for_people)


def _set(level: int, renderer: Any) -> None:
    structlog.configure(
        processors=[*_SHARED, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_standard_error,
        cache_logger_on_first_use=False,
    )


def _standard_error(*_: Any) -> structlog.PrintLogger:
    """Asked for with each line: by default structlog writes to standard output, where results
    are."""
    return structlog.PrintLogger(sys.stderr)
