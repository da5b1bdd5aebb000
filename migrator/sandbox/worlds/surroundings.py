"""Everything around the items: the world itself, accounts with their rights, repositories with
labels and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.sandbox.clock import iso
from migrator.sandbox.worlds.item_builder import Record
from migrator.sandbox.worlds.vocabulary import AccountWords, Book, LabelWords, RepositoryWords


def surroundings(
    book: Book, now: int, source: str, targets: Sequence[str], note: str = ""
) -> Iterator[Record]:
    """The records that come before the items: ``world`` first, then accounts and repositories."""
    times = {"now": iso(now), "clock": iso(now)}
    yield {
        "record": "world",
        "version": 1,
        **times,
        "source": source,
        "target": targets[0],
        "note": note or book.words.world.note,
    }
    yield from accounts(book, source, targets)
    yield from repository_records(book, source, targets)


def accounts(book: Book, source: str, targets: Sequence[str]) -> Iterator[Record]:
    """Staff, programs and organisations. Ordinary people need no record: an unknown login is a
    `User` without rights."""
    owners = {name.partition("/")[0] for name in (source, *targets)}
    known = {account.login for account in book.words.accounts}
    for account in book.words.accounts:
        yield _account(account, source, targets)
    for login in sorted(owners - known):
        yield {"record": "account", "login": login, "type": "Organization"}


def _account(account: AccountWords, source: str, targets: Sequence[str]) -> Record:
    permissions = {source: account.source} if account.source else {}
    permissions |= dict.fromkeys(targets, account.target) if account.target else {}
    record: Record = {"record": "account", "login": account.login, "type": account.type}
    if permissions:
        record["permissions"] = permissions
    return record | {"deleted": True} if account.deleted else record


def repository_records(book: Book, source: str, targets: Sequence[str]) -> Iterator[Record]:
    """The source repository and its targets."""
    words, files = book.words, book.repositories
    names = {"{source}": source, "{target}": targets[0], "{moved_path}": words.moved[0].moves[0][0]}
    names |= {f"{{{role}}}": label for role, label in words.roles.items()}
    yield _repository(source, files.source, words.labels, words.world.watchers.source, names)
    for target in targets:
        yield _repository(
            target,
            files.targets.get(target, files.target),
            words.target_labels,
            words.world.watchers.target,
            names,
        )


def _repository(
    name: str,
    words: RepositoryWords,
    labels: Sequence[LabelWords],
    watchers: int,
    names: dict[str, str],
) -> Record:
    return {
        "record": "repository",
        "name": name,
        "labels": [
            {"name": label.name, "color": label.color, "description": label.description}
            for label in labels
        ],
        "archived": False,
        "has_issues": True,
        "blank_issues": words.blank_issues,
        "default_branch": words.default_branch,
        "watchers": watchers,
        "files": {path: _filled(text.lstrip("\n"), names) for path, text in words.files.items()},
    }


def _filled(text: str, names: dict[str, str]) -> str:
    for place, name in names.items():
        text = text.replace(place, name)
    return text
