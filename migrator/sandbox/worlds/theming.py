"""A theme becomes a book: the words, lives and files of a world in which just these parts move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import cycle, islice
from pathlib import PurePosixPath

import msgspec
from msgspec.structs import replace

from migrator.sandbox.worlds.anywhere import CommonComponent, anywhere
from migrator.sandbox.worlds.file_endings import LANGUAGES, ending_of, is_file
from migrator.sandbox.worlds.label_names import (
    PLAIN_COLOR,
    by_role,
    distinct_labels,
    matches_any,
    plain_names,
    prefix_of,
    subject_of,
)
from migrator.sandbox.worlds.themes import Theme, ThemeForm, ThemeNeighbour, ThemePart
from migrator.sandbox.worlds.vocabulary import (
    AccountWords,
    Book,
    LabelWords,
    Misleading,
    PartWords,
    RepositoriesWords,
    RepositoryWords,
    Stories,
    Version,
    Visible,
    Vocabulary,
    WorldWords,
    written,
)

_YEARS_BEFORE = 5.5
_MOST_YEARS = 20
_DAYS_AFTER = 69
_NEIGHBOURS = 9
_MOST_NEIGHBOURS = 16
_MOST_THINGS = 40
_PULLS = {"pull_forgotten": 4, "pull_under_review": 2, "pull_closes_issue": 3}
"""More pull requests than the default world has, as a world made from a file is mostly a small
one."""
_COLOR = "0052cc"
_NAMELESS = frozenset({"src", "main", "java", "kotlin", "lib"})
"""Folders that are not called after what they hold."""


def book_of(theme: Theme) -> Book:
    """The book of a world about that theme: the written one if it is about the same paths of the
    same repository."""
    book = written()
    moves = {old for part in book.words.moved for old, _ in part.moves}
    if (
        theme.source == book.words.world.source
        and {path.old.strip("/") for part in theme.parts for path in part.paths} == moves
    ):
        return book
    return _Maker(theme).book()


class _Neighbour:
    """A component of the source that stays: its label (empty for none) and what it is about."""

    def __init__(
        self,
        component: CommonComponent,
        *,
        name: str = "",
        label: str = "",
        things: Sequence[str] = (),
    ) -> None:
        self.component = component
        self.name = name or component.name
        self.label = label
        self.things = tuple(things) or component.things


class _Maker:
    """Makes a book from a theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.ending = ending_of(theme)
        self.language = anywhere().languages.get(
            LANGUAGES.get(self.ending, self.ending), anywhere().languages["other"]
        )
        self.neighbours = self._neighbours()
        self.roles = self._roles()

    def book(self) -> Book:
        """All of it."""
        return Book(self._vocabulary(), self._stories(), self._repositories())

    def _vocabulary(self) -> Vocabulary:
        base, parts = (
            written().words,
            (*map(self._moved_part, self.theme.parts), *map(self._other_part, self.neighbours)),
        )
        misleading = anywhere().misleading
        first = self.theme.parts[0].title
        return Vocabulary(
            world=self._world(),
            roles=self.roles,
            accounts=self._accounts(),
            people=base.people,
            labels=self._source_labels(),
            target_labels=tuple(distinct_labels(self.roles[role] for role in _TARGET_ROLES)),
            versions=self._versions(),
            titles=base.titles,
            openings=base.openings,
            parts=parts,
            misleading=Misleading(
                lines=tuple(line.replace("{title}", first) for line in misleading.lines),
                titles=tuple(title.replace("NAME", _braced(first)) for title in misleading.titles),
                unclear=misleading.unclear,
            ),
            visible=tuple(_visible(parts, len(self.theme.parts))),
            visible_types=tuple(
                Visible(label=self.roles[kind], words=words)
                for kind, words in anywhere().kinds.items()
            ),
            moving=len(self.theme.parts),
            code=self.language.fence,
            short_forms=True,
        )

    # ---------------------------------------------------------------- dates and people

    def _world(self) -> WorldWords:
        base, cutover = written().words.world, self.theme.cutover
        days = min(max(_YEARS_BEFORE * 365, 4 * self.theme.stale_after), _MOST_YEARS * 365)
        return replace(
            base,
            source=self.theme.source,
            targets=self.theme.targets,
            began=cutover - timedelta(days=days),
            cutover=cutover,
            now=cutover + timedelta(days=_DAYS_AFTER),
            note=anywhere().note,
            milestones=anywhere().milestones,
        )

    def _versions(self) -> tuple[Version, ...]:
        """Eight releases, evenly from the beginning until now."""
        world = self._world()
        step = (world.now - world.began) / 8
        ends: list[datetime | None] = [world.began + step * (number + 1) for number in range(7)]
        return tuple(
            Version(name=f"1.{number}.0", until=until) for number, until in enumerate([*ends, None])
        )

    def _accounts(self) -> tuple[AccountWords, ...]:
        words, known = anywhere(), {account.login.casefold() for account in anywhere().accounts}
        bots = [
            login.removesuffix("[bot]")
            for login in self.theme.bots
            if login.casefold() not in known
        ]
        people = [login for login in self.theme.triagers if login.casefold() not in known]
        until = self.theme.cutover - timedelta(days=365)
        programs = [
            AccountWords(login=login, roles=("butler", "tester"), source="triage", until=until)
            for login in bots
        ]
        triagers = [replace(words.triagers[0], login=login) for login in people[:3]] or list(
            words.triagers
        )
        return (*words.accounts, *programs, *triagers)

    # ---------------------------------------------------------------- labels

    def _roles(self) -> dict[str, str]:
        """Labels by role: the theme's own where it has some, and none that would say whose an
        item is."""
        theme = self.theme
        asked, team, kept = map(
            plain_names, (theme.asked_labels, theme.team_labels, theme.protecting_labels)
        )
        labelled = [neighbour.label for neighbour in self.neighbours if neighbour.label]
        roles = {
            role: "" if self._tells(label) else label for role, label in anywhere().roles.items()
        }
        roles |= (
            by_role(asked, "asked", "stalled")
            | by_role(team, "team", "review")
            | by_role(kept, "welcome", "ready")
        )
        return roles | by_role(labelled, "neighbour", "neighbour2")

    def _tells(self, label: str) -> bool:
        """Whether the theme reads the label as something else than we would mean by it."""
        theme = self.theme
        ours = [name for part in theme.parts for name in part.labels]
        listed = (
            *ours,
            *theme.other_labels,
            *theme.asked_labels,
            *theme.team_labels,
            *theme.protecting_labels,
        )
        return matches_any(label, listed)

    def _source_labels(self) -> tuple[LabelWords, ...]:
        theme = self.theme
        ours = [name for part in theme.parts for name in part.labels]
        listed = (
            *theme.other_labels,
            *theme.asked_labels,
            *theme.team_labels,
            *theme.protecting_labels,
        )
        others = [
            *(neighbour.label for neighbour in self.neighbours),
            *(name for name in listed if "*" not in name),
        ]
        return (
            *distinct_labels((*ours, *others), _COLOR),
            *distinct_labels(self.roles.values(), PLAIN_COLOR, {*ours, *others}),
        )

    # ---------------------------------------------------------------- what moves

    def _moved_part(self, part: ThemePart) -> PartWords:
        words = anywhere().moved
        things = _things(part)
        paths = self._files(part)
        modules = _modules(part)
        said = anywhere().sentences
        phrases = tuple(
            phrase for phrase in part.phrases if part.target.casefold() not in phrase.casefold()
        )
        fill = {"title": part.title, "target": part.target}
        return PartWords(
            name=part.name,
            labels=part.labels,
            share=0,
            things=things,
            bugs=words.bugs,
            wishes=words.wishes,
            goals=words.goals,
            code=tuple(
                code.format(module=module) for module in modules for code in self.language.code
            ),
            logs=tuple(
                log.format(thing=thing, path=path)
                for (thing, path), log in zip(
                    zip(things, cycle(paths), strict=False), cycle(words.logs), strict=False
                )
            )[:12],
            paths=paths,
            moves=tuple((path.old.strip("/"), path.new.strip("/")) for path in part.paths),
            target=part.target,
            stated=tuple(
                text.format(phrase=phrase, **fill)
                for phrase in phrases[:3]
                for text in said["stated"]
            ),
            announced=tuple(text.format(**fill) for text in said["announced"]),
            asides=tuple(
                text.format(thing=thing)
                for thing, text in zip(things, cycle(words.asides), strict=False)
            ),
        )

    def _files(self, part: ThemePart) -> tuple[str, ...]:
        """Files that pull requests of the part change; a path that is a file stands for itself."""
        found: list[str] = []
        for path in part.paths:
            old = path.old.strip("/")
            found += (
                [old]
                if is_file(old)
                else [f"{old}/{stem}.{self.ending}".lstrip("/") for stem in self.language.stems]
            )
        return tuple(dict.fromkeys(found))

    # ---------------------------------------------------------------- neighbours

    def _neighbours(self) -> tuple[_Neighbour, ...]:
        """Those whose labels and words the theme knows, then others, until there are some."""
        theme = self.theme
        taken = " ".join(
            (*(f"{part.name} {part.title}" for part in theme.parts), *_words_of(theme))
        ).casefold()
        spare = iter(
            [one for one in anywhere().components if one.name not in taken] or anywhere().components
        )
        found = [*self._labelled(), *self._worded()][:_MOST_NEIGHBOURS]
        patterns = [name for name in theme.other_labels if "*" in name]
        prefix = next((prefix_of(label) for part in theme.parts for label in part.labels), None)
        shapes = cycle(patterns or [f"{prefix}*" if prefix is not None else ""])
        wanted = max(3, _NEIGHBOURS - len(found))
        for component in islice(spare, wanted):
            label = next(shapes).replace("*", component.name)
            found.append(_Neighbour(component, label="" if self._is_ours(label) else label))
        return tuple(found)

    def _labelled(self) -> list[_Neighbour]:
        """One for each label of others that is a whole name; a neighbour whose words are known
        under that name lends them."""
        words = {subject_of(one.name): one.words for one in self.theme.neighbours if one.words}
        labels = [
            name for name in self.theme.other_labels if "*" not in name and not self._is_ours(name)
        ]
        return [
            _Neighbour(
                component,
                name=subject_of(label),
                label=label,
                things=words.get(subject_of(label)) or _about(subject_of(label)),
            )
            for label, component in zip(labels, cycle(anywhere().components), strict=False)
        ]

    def _worded(self) -> list[_Neighbour]:
        """One for each neighbour whose words are known, and which no label names."""
        named = {subject_of(name) for name in self.theme.other_labels}
        known: list[ThemeNeighbour] = [
            one for one in self.theme.neighbours if one.words and subject_of(one.name) not in named
        ]
        return [
            _Neighbour(component, name=one.name, things=one.words[:_MOST_THINGS])
            for one, component in zip(known, cycle(reversed(anywhere().components)), strict=False)
        ]

    def _is_ours(self, label: str) -> bool:
        return matches_any(label, [name for part in self.theme.parts for name in part.labels])

    def _other_part(self, neighbour: _Neighbour) -> PartWords:
        component, name = neighbour.component, neighbour.name.replace(" ", "_")
        folder = self._folder(name)
        said = anywhere().sentences["elsewhere"] if not neighbour.label else ()
        return PartWords(
            name=neighbour.name,
            labels=(neighbour.label,) if neighbour.label else (),
            share=10,
            things=neighbour.things,
            bugs=component.bugs,
            wishes=component.wishes,
            goals=component.goals,
            code=tuple(code.format(module=name) for code in self.language.code),
            logs=component.logs,
            paths=tuple(f"{folder}/{stem}.{self.ending}" for stem in self.language.stems),
            stated=tuple(
                text.format(phrase=phrase) for phrase in self.theme.elsewhere[:5] for text in said
            ),
        )

    def _folder(self, name: str) -> str:
        """A folder beside the first moved path that no moved path covers."""
        first = PurePosixPath(self.theme.parts[0].paths[0].old.strip("/"))
        beside = [str(parent / name) for parent in first.parents if parent.name != "main"] + [name]
        return next(
            (folder for folder in beside if not self._moves(f"{folder}/x")), f"other-{name}"
        )

    def _moves(self, path: str) -> bool:
        olds = [moved.old.strip("/") for part in self.theme.parts for moved in part.paths]
        inside = any(path == old or path.startswith(f"{old}/") for old in olds)
        return inside or any(fnmatchcase(path, pattern) for pattern in self.theme.ours_paths)

    # ---------------------------------------------------------------- lives and files

    def _stories(self) -> Stories:
        """The written lives with fates that fit the theme's terms, and sentences that fit any
        project."""
        theme, base = self.theme, written().lives
        stale, asked, quiet = theme.stale_after, theme.awaiting_author_after, theme.quiet_days
        fates = {
            **base.fates,
            "stale": (stale + 5, max(1500.0, 3 * stale)),
            "waiting": (asked + 2, max(asked + 3, stale - 5)),
            "active": (quiet + 2, max(quiet + 3, stale - 30)),
            "fresh": (0.05, max(0.1, quiet - 1)),
        }
        nags = tuple(f"@{{author}} {nag[:1].upper()}{nag[1:]}?" for nag in theme.nags[:4])
        sentences = {
            **base.sentences,
            **anywhere().sentences,
            **({"triage_nag": nags} if nags else {}),
        }
        deck = tuple(
            replace(card, count=_PULLS.get(card.story, card.count)) for card in base.source_deck
        )
        return replace(base, fates=fates, sentences=sentences, source_deck=deck)

    def _repositories(self) -> RepositoriesWords:
        """The written files, with labels of this world; a target has the issue templates that
        the theme names, if any."""
        base = written().repositories
        source = replace(
            base.source, files={**base.source.files, ".github/labeler.yml": self._labeler()}
        )
        target = replace(
            base.target,
            blank_issues=True,
            files={**base.target.files, _CONFIG: "blank_issues_enabled: true\n"},
        )
        named = dict.fromkeys(form.target for form in self.theme.forms)
        forms = {name: [form for form in self.theme.forms if form.target == name] for name in named}
        return replace(
            base,
            source=source,
            target=target,
            targets={name: _with_forms(target, forms[name]) for name in named},
        )

    def _labeler(self) -> str:
        lines = [
            f"{msgspec.json.encode(part.labels[0]).decode()}:\n"
            + "".join(f"  - {path.old}/**/*\n" for path in part.paths)
            for part in self.theme.parts
            if part.labels
        ]
        return "".join(lines) or "# no labels by path\n"


_TARGET_ROLES = ("bug", "feature", "question", "first", "welcome", "pending", "ready", "signed")
_FOLDER = ".github/ISSUE_TEMPLATE"
_CONFIG = f"{_FOLDER}/config.yml"


def _with_forms(target: RepositoryWords, forms: Iterable[ThemeForm]) -> RepositoryWords:
    """The target with these templates and without blank issues, as repositories that have
    templates mostly are."""
    texts = {f"{_FOLDER}/{form.template}": _template(form) for form in forms}
    return replace(
        target,
        blank_issues=False,
        files={**target.files, _CONFIG: "blank_issues_enabled: false\n", **texts},
    )


def _template(form: ThemeForm) -> str:
    if not form.template.endswith((".yml", ".yaml")):
        return "---\nname: Report\nabout: Something to report\n---\n\n**What happened?**\n"
    field = form.field or "what"
    return (
        "name: Report\ndescription: Something to report\nbody:\n  - type: textarea\n"
        f"    id: {field}\n    attributes:\n      label: What happened?\n    validations:\n      "
        "required: true\n"
    )


def _visible(parts: Sequence[PartWords], moving: int) -> Iterable[Visible]:
    """How a triager reads bare texts: by what each part is about."""
    for place, part in enumerate(parts):
        words = tuple(dict.fromkeys(thing.casefold() for thing in part.things if thing.strip()))
        if part.labels and words:
            yield Visible(label=part.labels[0], words=words, moved=place < moving)


def _modules(part: ThemePart) -> tuple[str, ...]:
    named = [*part.modules, *(path.module for path in part.paths if path.module)]
    return tuple(dict.fromkeys(named))[:4] or (part.name,)


def _things(part: ThemePart) -> tuple[str, ...]:
    """What titles are about: the part's own words, names below its modules, and its title where
    it has neither."""
    last = [PurePosixPath(path.old).stem.replace("_", " ") for path in part.paths]
    last = [name for name in last if name not in _NAMELESS] or [part.title]
    names = [
        *part.words,
        *(f"{module}.run" if "." in module else module for module in part.modules),
    ]
    title = [
        part.title,
        f"{part.title} {last[0]}"
        if last[0].casefold() not in part.title.casefold()
        else part.title,
    ]
    labels = [subject_of(label) for label in part.labels]
    return tuple(dict.fromkeys((*names, *title, *labels)))[:_MOST_THINGS]


def _words_of(theme: Theme) -> Iterable[str]:
    for part in theme.parts:
        yield from (*part.words, *part.labels, *(path.old for path in part.paths))


def _about(name: str) -> tuple[str, ...]:
    return (name, f"{name} settings", f"the {name} page", f"the {name} command")


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
