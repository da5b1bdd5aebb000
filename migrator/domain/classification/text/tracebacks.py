"""Python tracebacks, as pasted into issues: the frames, and the error they end in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_FRAME = re.compile(
    r"""\s*(?:File\ ["“]?(?P<file>[^"”]+?\.py)(?:["”],\ line\ \d+|:\d+)(?:,\ in\ )?   # plain, and IPython 8
        |(?P<cell>[~/\w.\-\\:]+\.py)(?:\ in\ \w|:\d+:\ in\ \w))""",  # IPython 7, pytest
    re.VERBOSE,
)
_ERROR = re.compile(
    r"\s*(?:E\s+)?(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Interrupt))(?::\s?(.*)|\s*$)"
)
LONGEST_LINE = (
    400  # characters; no path or message needs more, and no line can make the patterns slow
)
_START = "Traceback (most recent call last)"


class Traceback(NamedTuple):
    """The last traceback of a text: file paths of its frames (outermost first), the exception's
    type and message."""

    files: tuple[str, ...]
    error: str
    message: str


def last_traceback(lines: Iterable[str]) -> Traceback | None:
    """Return the last traceback in ``lines``, ``None`` where there is neither a frame nor an error
    line.

    Frames that follow an error line without a new start belong to it: errors in generated code
    (``in user code:``) print their inner frames below the message and the real error after those.
    """
    files: list[str] = []
    error = message = ""
    for whole in lines:
        line = whole[:LONGEST_LINE]
        if _START in line:
            files.clear()
        elif ".py" in line and (frame := _FRAME.match(line)):
            files.append((frame["file"] or frame["cell"]).replace("\\", "/"))
        elif ("Error" in line or "Exception" in line) and (found := _ERROR.match(line)):
            error, message = found[1], found[2] or ""
    return Traceback(tuple(files), error, message) if files or error else None
