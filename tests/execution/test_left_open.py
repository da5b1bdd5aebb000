"""What would close a thread by mistake: old issues of a world on a sandbox, read, judged and
planned as a real run does it.

Each has an answer of a maintainer and nothing for two years since, but for one thing. The sandbox's
clock stands at NOW.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from migrator.domain.planning.plan import PlanItem
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.support.runner import Runner

NOW = datetime(2021, 9, 1, 12, tzinfo=UTC)
SOURCE = "tensorflow/tensorflow"
MAINTAINER = "ingrid-solberg"
TRIAGER = "Saduf2019"
APP = "google-ml-butler"
BUTLER = "tensorflowbutler"
US = "migration-account"
STRANGERS_MARKER = (
    "<!-- migrator:1 migration=keras decision=retire generation=1 nonce=00112233445566778899 -->"
)


def ago(days: float) -> str:
    """A date of the world."""
    return (NOW - timedelta(days=days)).isoformat()


def said(
    by: str | None, days: float, body: str = "I see it, too.", **fields: Any
) -> dict[str, Any]:
    """A comment."""
    return {"author": by, "created_at": ago(days), "body": body, **fields}


def did(kind: str, by: str, days: float, **fields: Any) -> dict[str, Any]:
    """A timeline event."""
    return {"kind": kind, "actor": by, "created_at": ago(days), **fields}


def liked(by: str, days: float) -> dict[str, Any]:
    """A dated reaction."""
    return {"content": "THUMBS_UP", "user": by, "created_at": ago(days)}


def filled(by: str, body: str, count: int) -> list[dict[str, Any]]:
    """A thread that one account filled: somebody opened it a second time, and then it spoke day
    after day."""
    return [said("reader", count + 1), *(said(by, count - day, body) for day in range(count))]


ASKED = "stat:awaiting response"
NAG = "Are you still facing this issue?"
STALE: dict[str, dict[str, Any]] = {
    "nothing else": {},
    "an App spoke": {"more": [said(APP, 1, "This was marked as stale.")]},
    "a program with an ordinary account spoke": {
        "more": [said(BUTLER, 1, "Nagging Assignee: 14 days without activity.")]
    },
    "a program edited its own words": {"more": [said(APP, 700, edited_at=ago(1))]},
    "a triager asked out of routine": {"more": [said(TRIAGER, 30, f"@somebody {NAG} Thank you!")]},
    "a program with an ordinary account reacted": {"reactions": [liked(BUTLER, 1)]},
    "labels were shuffled": {
        "events": [
            did("labeled", APP, 1, label="type:bug"),
            did("unlabeled", MAINTAINER, 1, label="type:bug"),
        ]
    },
    "an App filled the thread": {"more": filled(APP, "Build passed.", 45)[1:]},
    "routine questions filled the thread": {"more": filled(TRIAGER, NAG, 45)[1:]},
    "label shuffles filled the timeline": {
        "events": [did("labeled", APP, 99 - day, label="type:bug") for day in range(80)]
    },
    "a closed issue refers to it": {
        "events": [did("cross-referenced", "reader", 1, source={"repository": SOURCE, "number": 2})]
    },
    "a program's issue refers to it": {
        "events": [did("cross-referenced", APP, 1, source={"repository": SOURCE, "number": 3})]
    },
    "a triager is assigned": {"assignees": [TRIAGER]},
    "somebody quoted a word of security": {
        "more": [said(MAINTAINER, 700, "> is it a security problem?\n\nNo.")]
    },
    "its author was asked again": {
        "labels": [ASKED],
        "events": [did("labeled", MAINTAINER, 70, label=ASKED)],
    },
}
"""Issues that are closed, by what happened besides."""

LEFT_OPEN: dict[str, dict[str, Any]] = {
    "a person reacted": {"reactions": [liked("reader", 100)]},
    "a person reacted to a comment": {
        "more": [said("reader", 700, reactions=[liked("reader", 100)])]
    },
    "somebody reacted whom GitHub does not name, as it does not name Apps": {
        "reactions": [liked(APP, 100)]
    },
    "the author edited the text": {"edited_at": ago(100)},
    "a person edited a comment": {"more": [said("reader", 700, edited_at=ago(100))]},
    "a person is hidden behind an App": {"more": filled(APP, "Build passed.", 45)},
    "a person is hidden behind routine questions": {"more": filled(TRIAGER, NAG, 45)},
    "a person is hidden behind label shuffles": {
        "events": [
            did("reopened", "reader", 100),
            *(did("labeled", APP, 99 - day, label="type:bug") for day in range(80)),
        ]
    },
    "its author was never answered": {"answer": None},
    "its answer was hidden": {"answer": said(MAINTAINER, 900, minimized=True)},
    "its author had the last word": {"more": [said("asker", 800)]},
    "its author answered by an edit, and the label was forgotten": {
        "edited_at": ago(100),
        "labels": [ASKED],
        "events": [did("labeled", MAINTAINER, 120, label=ASKED)],
    },
    "somebody else answered what the author was asked": {
        "more": [said("reader", 100)],
        "labels": [ASKED],
        "events": [did("labeled", MAINTAINER, 120, label=ASKED)],
    },
    "its author's account was deleted, and had the last word": {
        "author": None,
        "more": [said(None, 800)],
    },
    "somebody is assigned": {"assignees": ["hollis-ferrante"]},
    "it has a milestone": {"milestone": "2.8"},
    "it is pinned": {"pinned": True},
    "a label protects it": {"labels": ["stat:contribution welcome"]},
    "a label protects it, spelled otherwise": {"labels": ["Stat:Contribution Welcome"]},
    "ten people voted": {"reactions": [liked(f"voter-{n}", 600) for n in range(10)]},
    "ten people took part": {"more": [said(f"person-{n}", 800) for n in range(9)]},
    "its author named a vulnerability in a comment": {
        "more": [said("asker", 950, "This is CVE-2019-16778.")]
    },
    "a maintainer called it a security problem": {
        "answer": said(MAINTAINER, 900, "Thank you, this is a security problem.")
    },
    "an open issue of a person refers to it": {
        "events": [
            did("cross-referenced", "reader", 100, source={"repository": SOURCE, "number": 1})
        ]
    },
    "our account spoke by hand": {"more": [said(US, 100, "I will look at this next week.")]},
    "our account spoke by hand, under a marker that the ledger does not know": {
        "more": [said(US, 100, f"Moved.\n\n{STRANGERS_MARKER}")]
    },
    "a person called talbot spoke": {"more": [said("talbot", 100)]},
    "a person spoke within the quiet days": {
        "more": [said("reader", 6.9)],
        "labels": [ASKED],
        "events": [did("labeled", MAINTAINER, 200, label=ASKED)],
    },
    "it is locked": {"locked": True},
    "a maintainer posted the new address": {
        "more": [said(MAINTAINER, 60, "Please open it at https://github.com/keras-team/keras.")]
    },
}
"""Issues that stay open, by why."""

CASES = {**STALE, **LEFT_OPEN}
NUMBERS = {name: number for number, name in enumerate(CASES, start=100)}
CODES = {
    "its author was never answered": "unanswered",
    "its answer was hidden": "unanswered",
    "its author had the last word": "unanswered",
    "its author's account was deleted, and had the last word": "unanswered",
    "it is locked": "locked",
    "a maintainer posted the new address": "already_told",
}
"""Why those are left open that do not count as active."""
BODY = """With the code below it returns NaN from the second epoch on.

```python
model = tf.keras.Sequential([tf.keras.layers.Dense(8)])
model.compile("adam", "mse")
model.fit(x, y)
```
"""


def records() -> Iterator[dict[str, Any]]:
    """The world: the accounts and repositories of the generated ones, three issues that refer to
    others, and the cases."""
    yield from (dict(record) for record in generate(items=1, seed=1) if record["record"] != "item")
    for number, author, state in ((1, "reader", "open"), (2, "reader", "closed"), (3, APP, "open")):
        yield issue(
            number, title="About the compiler", author=author, state=state, labels=["comp:xla"]
        )
    for name, case in CASES.items():
        yield of_case(NUMBERS[name], **case)


def issue(number: int, **fields: Any) -> dict[str, Any]:
    """An issue from almost three years ago."""
    base = {
        "record": "item",
        "repository": SOURCE,
        "number": number,
        "kind": "issue",
        "created_at": ago(1000),
    }
    return {**base, **fields}


ANSWER = said(MAINTAINER, 900, "Please try another loss.")


def of_case(
    number: int, *, answer: dict[str, Any] | None = ANSWER, **fields: Any
) -> dict[str, Any]:
    """An issue of Keras, answered long ago, with what makes the case."""
    said_besides, labels = fields.pop("more", ()), fields.pop("labels", ())
    comments = sorted(
        (*((answer,) if answer else ()), *said_besides), key=lambda each: str(each["created_at"])
    )
    base = {"title": "tf.keras.layers.Dense returns NaN", "body": BODY, "author": "asker"}
    return issue(
        number, **base | {"labels": ["comp:keras", *labels], "comments": comments} | fields
    )


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> dict[int, PlanItem]:
    """What the preset would do with each case."""
    folder = tmp_path_factory.mktemp("left-open")
    write_world(records(), folder / "world.jsonl")
    with running_sandbox(
        "--world", str(folder / "world.jsonl"), "--now", NOW.isoformat()
    ) as sandbox:
        arena = Runner(folder=folder, url=sandbox.url, sandbox=sandbox)
        plan = arena.plan()
        context = arena.context()
        found = {item.number: item for item in context.store.plans.items(plan.hash)}
        context.store.engine.dispose()
    return found


@pytest.mark.parametrize("name", STALE)
def test_what_programs_and_routine_do_keeps_no_thread_open(
    planned: dict[int, PlanItem], name: str
) -> None:
    """Nor do labels, and references from what is closed."""
    item = planned[NUMBERS[name]]
    assert (item.decision, item.code, item.closes) == ("retire", "stale", True), item


@pytest.mark.parametrize("name", LEFT_OPEN)
def test_no_thread_is_closed_that_people_hold_open(planned: dict[int, PlanItem], name: str) -> None:
    """Whatever holds it: an act, a turn, a protection, or a doubt."""
    item = planned[NUMBERS[name]]
    assert not item.closes
    assert item.code == CODES.get(name, "active"), (item.reason, item.deciding)
