"""The language of a project's files, read from the paths and modules that a theme names."""

from __future__ import annotations

from pathlib import PurePosixPath

from migrator.sandbox.worlds.themes import Theme

_SOURCE_FILES = frozenset({"py", "ts", "js", "go", "rs", "java", "rb", "cpp"})
LANGUAGES = {
    "tsx": "ts",
    "jsx": "js",
    "mjs": "js",
    "kt": "java",
    "cc": "cpp",
    "c": "cpp",
    "h": "cpp",
    "hpp": "cpp",
    "pyx": "py",
}
_SURE_FOLDERS = (
    ("src/main/java", "java"),
    ("src/main/kotlin", "java"),
    ("crates/", "rs"),
    ("gems/", "rb"),
)
_LIKELY_FOLDERS = (("cmd/", "go"), ("pkg/", "go"), ("packages/", "ts"))
_MARKS = (("::", "rs"), ("@", "ts"), ("/", "go"), (".", "py"))
"""What module names hold in which language."""


def ending_of(theme: Theme) -> str:
    """The ending of the project's files: from a path that is a file, else from how its folders
    and modules are written."""
    paths = [path for part in theme.parts for path in part.paths]
    endings = [
        PurePosixPath(path.old).suffix.lstrip(".").casefold() for path in paths if is_file(path.old)
    ]
    known = [ending for ending in endings if LANGUAGES.get(ending, ending) in _SOURCE_FILES]
    if known or endings:
        return (known or endings)[0]
    modules, folders = (
        " ".join(texts) for texts in ((p.module for p in paths), (f"{p.old}/" for p in paths))
    )
    found = [ending for folder, ending in _SURE_FOLDERS if folder in folders]
    found += [ending for mark, ending in _MARKS if mark in modules]
    found += [ending for folder, ending in _LIKELY_FOLDERS if folder in folders]
    return (found or ["py" if modules.strip() else "txt"])[0]


def is_file(path: str) -> bool:
    """Whether the path names a file: its last part has an ending."""
    return bool(PurePosixPath(path).suffix)
