"""A migration file as a sandbox's theme: what moves, what its neighbours are, and the words that
the file has for both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.domain.rules import MigrationFile, Part
from migrator.sandbox.worlds import Theme, ThemeForm, ThemeNeighbour, ThemePart, ThemePath

_DAY = 86_400.0


def theme_of(file: MigrationFile) -> Theme:
    """The theme of a made-up world in which just this migration could happen."""
    ownership, activity = file.ownership, file.activity
    return Theme(
        source=file.migration.source,
        cutover=file.migration.cutover,
        parts=tuple(_theme_part(file, part) for part in file.parts),
        neighbours=tuple(
            ThemeNeighbour(name=name, words=(*topic.names, *topic.words))
            for name, topic in ownership.topics.items()
            if topic.owner == "not_ours"
        ),
        other_labels=ownership.labels.not_ours,
        elsewhere=ownership.thread.not_ours,
        ours_paths=ownership.paths.ours,
        asked_labels=activity.awaiting_author_labels,
        team_labels=activity.awaiting_maintainer_labels,
        protecting_labels=activity.protecting_labels,
        forms=tuple(
            ThemeForm(
                target=part.target, template=part.refile.template, field=part.refile.body_field
            )
            for part in file.parts
            if part.refile.template
        ),
        bots=file.migration.bots,
        triagers=file.migration.triagers,
        nags=activity.nags,
        stale_after=activity.stale_after.total_seconds() / _DAY,
        awaiting_author_after=activity.awaiting_author_after.total_seconds() / _DAY,
        quiet_days=activity.quiet_days.total_seconds() / _DAY,
    )


def _theme_part(file: MigrationFile, part: Part) -> ThemePart:
    ownership = file.ownership
    return ThemePart(
        name=part.name,
        title=part.title,
        target=part.target,
        paths=tuple(
            ThemePath(old=path.old, new=path.new, module=path.old_module) for path in part.paths
        ),
        labels=tuple(label for label, name in ownership.labels.ours.items() if name == part.name),
        words=tuple(dict.fromkeys(_words(file, part))),
        modules=tuple(_for_part(file, part, ownership.modules.ours)),
        phrases=tuple(_for_part(file, part, ownership.thread.ours)),
    )


def _words(file: MigrationFile, part: Part) -> Iterator[str]:
    """Terms of the part, then the words of topics that are its own, or of nobody in particular."""
    yield from (term for term, name in file.ownership.title_terms.items() if name == part.name)
    ours = {name: topic for name, topic in file.ownership.topics.items() if topic.owner == "ours"}
    for topic in _for_part(file, part, ours):
        yield from ours[topic].names
        yield from ours[topic].words


def _for_part(file: MigrationFile, part: Part, texts: Iterable[str]) -> Iterator[str]:
    """Those texts that name the part, and those that name no other one either."""
    for text in texts:
        named = [other.name for other in file.parts if _names(other, text)]
        if part.name in named or not named:
            yield text


def _names(part: Part, text: str) -> bool:
    known = (
        part.name,
        part.title,
        part.target,
        *(path.old_module for path in part.paths if path.old_module),
    )
    plain = _plain(text)
    return any(_plain(name) in plain for name in known)


def _plain(text: str) -> str:
    return text.casefold().replace("-", " ").replace("_", " ").replace(".", " ")
