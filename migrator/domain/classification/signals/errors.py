"""Who produced the error: the last frame that did something, not merely one that it passed
through."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence, Set
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "error.ours": "the last frame that acts is in a module of ours",
    "error.device": "the device or its libraries failed",
    "error.kernel": "the error comes from compiled code",
    "error.source": "the last frame that acts is in the source project",
    "error.foreign": "the last frame that acts is in an installed library",
    "error.author": "the last frame that acts is the author's own code",
    "error.abort": "the process was ended without an exception, which only compiled code can do",
    "error.through-ours": "an earlier frame is in a module of ours",
    "error.foreign-value": "the message complains of an object whose type is another library's",
}
"""What it can find, and what each means."""

_PACKAGES = ("site-packages/", "dist-packages/")
_ABORTS_IN = (
    "title",
    "lead",
    "log",
)  # where an author tells how it ended; code and later prose tell of other things
_STANDARD = re.compile(
    r"(?:^|/)(?:lib/(?:python|pypy)\d[\d.]*|(?:python[\d.]*|[am]\w*conda\d?|envs/[^/]+)/lib)/",
    re.IGNORECASE,
)
"""Folders of Python's standard library: on Linux and macOS, and on Windows
(https://docs.python.org/3/using/windows.html)."""
_AUTHORS = "__main__"  # module of what the author wrote
_VALUE = re.compile(r"<(?:class ')?([A-Za-z_]\w*)(?:\.\w+)+(?: object|'>)")


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``error.`` with one of ours, device, kernel, source, foreign, author;
    ``error.through-ours``; and ``error.abort``, where no exception was raised.
    """
    modules = file.ownership.modules
    moved = [
        m
        for part in file.parts
        for path in part.paths
        for m in (path.old_module, path.new_module)
        if m
    ]
    ours = tuple(
        dict.fromkeys(module.replace(".", "/") + "/" for module in (*moved, *modules.ours))
    )
    source = tuple(module.replace(".", "/") + "/" for module in modules.source)
    known = (
        {name.split(".")[0] for name in (*moved, *modules.ours, *modules.source, *modules.plain)}
        | sys.stdlib_module_names
        | {_AUTHORS}
    )

    def find(reading: ParsedItem) -> Iterator[Finding]:
        trace = reading.document.traceback
        if (trace is None or not trace.error) and (end := _abort(reading, modules.aborts)):
            yield Finding("error.abort", seen=end)
        if trace is None:
            return
        files = [_module(path, (*ours, *source)) for path in trace.files if not _is_standard(path)]
        acting = (
            [path for path in files if not path.endswith(modules.passing)]
            if modules.passing
            else files
        )
        last = acting[-1] if acting else ""
        if trace.error in modules.device_errors:
            yield Finding("error.device", seen=f"{trace.error} from {last or 'compiled code'}")
        elif trace.error in modules.kernel_errors or (
            not trace.error and last.endswith(modules.kernel or ("\0",))
        ):
            yield Finding("error.kernel", seen=f"{trace.error} from {last or 'compiled code'}")
        elif last:
            yield Finding(_whose(last, ours, source), seen=f"{trace.error or 'frame'} at {last}")
        if any(path.startswith(ours) for path in acting[:-1]):
            yield Finding("error.through-ours", seen=last)
        if root := _foreign_value(trace.message, known):
            yield Finding("error.foreign-value", seen=root)

    return find


def _is_standard(path: str) -> bool:
    """Whether a frame lies in Python's standard library: it was called by what is at fault, and
    is not the author's code."""
    return not any(folder in path for folder in _PACKAGES) and _STANDARD.search(path) is not None


def _foreign_value(message: str, known: Set[str]) -> str:
    """Return the library of the first value in an error's message whose type nobody listed."""
    return next((root for root in _VALUE.findall(message) if root not in known), "")


def _abort(reading: ParsedItem, aborts: Sequence[str]) -> str:
    """Return how the process ended, in the first words of ``aborts`` that the author or the log
    has for it."""
    for region in _ABORTS_IN if aborts else ():
        text = reading.document.regions[region].text.lower()
        if seen := next((words for words in aborts if words in text), ""):
            return seen
    return ""


def _whose(path: str, ours: Sequence[str], source: Sequence[str]) -> str:
    if path.startswith(tuple(ours)):
        return "error.ours"
    if path.startswith(tuple(source)):
        return "error.source"
    return "error.foreign" if path.startswith(_PACKAGES) else "error.author"


def _module(path: str, known: Sequence[str]) -> str:
    """Cut a file path down to where its package begins; packages that nobody listed keep
    ``site-packages/``."""
    for folder in _PACKAGES:
        if folder in path:
            inner = path.rsplit(folder, 1)[1]
            return inner if inner.startswith(tuple(known)) else folder + inner
    return path
