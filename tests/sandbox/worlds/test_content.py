"""What a generated world holds: every case that a large repository has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from migrator.sandbox.worlds.accounts import is_program
from migrator.sandbox.worlds.vocabulary import hostile, stories, vocabulary

Record = dict[str, Any]
SOURCE, TARGET = "tensorflow/tensorflow", "keras-team/keras"
CUTOVER = "2021-06-24T00:00:00Z"
OLD_CODE, NEW_ADDRESS = "tensorflow/python/keras/", f"github.com/{TARGET}"


def items(records: list[Record], repository: str = SOURCE) -> list[Record]:
    """The items of one repository."""
    return [
        record
        for record in records
        if record["record"] == "item" and record["repository"] == repository
    ]


def comments(item: Record) -> list[Record]:
    """What was said."""
    return list(item.get("comments", ()))


def events(item: Record, kind: str) -> list[Record]:
    """The events of one kind."""
    return [event for event in item.get("events", ()) if event["kind"] == kind]


def paths(item: Record) -> list[str]:
    """Changed paths of a pull request."""
    return [path["path"] for path in item.get("pull", {}).get("paths", ())]


def state(item: Record) -> str:
    """`open`, `closed` or `merged`."""
    return str(item.get("state", "open"))


def staff(records: list[Record], repository: str = SOURCE) -> set[str]:
    """Ordinary accounts with rights."""
    rights = {"admin", "maintain", "write", "triage"}
    named = [
        record for record in records if record["record"] == "account" and record["type"] == "User"
    ]
    return {
        record["login"]
        for record in named
        if record.get("permissions", {}).get(repository) in rights
    }


CASES: dict[str, Callable[[Record], object]] = {
    "an empty body": lambda item: item["body"] == "" and item["kind"] == "issue",
    "the longest body": lambda item: len(item["body"]) == 65_536,
    "carriage returns": lambda item: "\r\n" in item["body"],
    "an author whose account is gone": lambda item: item["author"] is None,
    "a commenter whose account is gone": lambda item: any(
        comment["author"] is None for comment in comments(item)
    ),
    "a lock with a reason": lambda item: item.get("lock_reason") == "resolved",
    "a lock without a reason": lambda item: item.get("locked") and "lock_reason" not in item,
    "a pinned item": lambda item: item.get("pinned"),
    "a transfer": lambda item: events(item, "transferred"),
    "a new title": lambda item: events(item, "renamed"),
    "an edit alone": lambda item: "edited_at" in item,
    "an edited comment": lambda item: any("edited_at" in comment for comment in comments(item)),
    "a hidden comment": lambda item: any(comment.get("minimized") for comment in comments(item)),
    "votes on a comment": lambda item: any(comment.get("reactions") for comment in comments(item)),
    "a hundred votes": lambda item: len(item.get("reactions", ())) > 100,
    "a hundred comments": lambda item: len(comments(item)) > 100,
    "a last page of programs": lambda item: (
        len(comments(item)) > 50 and all(is_program(c["author"]) for c in comments(item)[-50:])
    ),
    "a mention from elsewhere": lambda item: any(
        "someone/" in event["source"]["repository"] for event in events(item, "cross-referenced")
    ),
    "no label at all": lambda item: not item.get("labels"),
    "two owners' labels": lambda item: {"comp:keras", "comp:lite"} <= set(item.get("labels", ())),
    "a label taken back": lambda item: any(
        event["label"] == "comp:keras" for event in events(item, "unlabeled")
    ),
    "a milestone": lambda item: item.get("milestone"),
    "an assignee": lambda item: item.get("assignees"),
    "nobody came": lambda item: (
        not comments(item) and state(item) == "open" and item["kind"] == "issue"
    ),
    "waiting for the author": lambda item: "stat:awaiting response" in item.get("labels", ()),
    "waiting for the team": lambda item: "stat:awaiting tensorflower" in item.get("labels", ()),
    "stalled": lambda item: "stalled" in item.get("labels", ()),
    "a closed issue": lambda item: (
        state(item) == "closed" and item.get("state_reason") == "completed"
    ),
    "closed as not planned": lambda item: item.get("state_reason") == "not_planned",
    "closed and opened again": lambda item: events(item, "reopened") and state(item) == "open",
    "closed since the cutover": lambda item: item.get("closed_at", "") > CUTOVER,
    "a marker pasted by a person": lambda item: any(
        "<!-- migrator:" in comment["body"] for comment in comments(item)
    ),
    "a marker in a body": lambda item: "<!-- migrator:" in item["body"],
    "an old template": lambda item: "**Describe the current behavior" in item["body"],
    "a form": lambda item: "### Current behavior?" in item["body"],
    "a folded form": lambda item: (
        "<details><summary>" in item["body"] and "### Current behavior?" in item["body"]
    ),
    "a pull request on the moved path": lambda item: (
        paths(item) and all(path.startswith(OLD_CODE) for path in paths(item))
    ),
    "a mixed pull request": lambda item: (
        len({path.startswith(OLD_CODE) for path in paths(item)}) == 2
    ),
    "a pull request elsewhere": lambda item: (
        paths(item) and not any(path.startswith(OLD_CODE) for path in paths(item))
    ),
    "a draft": lambda item: item.get("pull", {}).get("draft"),
    "a head that is gone": lambda item: (
        state(item) == "open" and item.get("pull", {}).get("head_deleted")
    ),
    "an approval": lambda item: any(
        review["state"] == "APPROVED" for review in item.get("pull", {}).get("reviews", ())
    ),
    "changes wanted": lambda item: any(
        r["state"] == "CHANGES_REQUESTED" for r in item.get("pull", {}).get("reviews", ())
    ),
    "a push after the review": lambda item: len(item.get("pull", {}).get("commits", ())) > 1,
    "a wanted reviewer": lambda item: item.get("pull", {}).get("review_requests"),
    "a merge": lambda item: state(item) == "merged" and item["pull"]["merged_at"],
    "a pull request that closes an issue": lambda item: item.get("pull", {}).get("closes"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_demo_holds(world: list[Record], case: str) -> None:
    """Four hundred items hold every case, so that no rehearsal misses one."""
    assert any(CASES[case](item) for item in items(world)), case


@pytest.mark.parametrize("case", ["before the cutover", "since the cutover"])
def test_the_target_holds_open_issues_and_pull_requests(world: list[Record], case: str) -> None:
    """Unfinished ones from before, new ones since."""
    rows = [
        item
        for item in items(world, TARGET)
        if (item["created_at"] < CUTOVER) == (case == "before the cutover")
    ]
    assert {item["kind"] for item in rows if state(item) == "open"} == {"issue", "pull_request"}


@pytest.mark.parametrize("title", hostile().titles)
def test_every_hostile_title_is_met(world: list[Record], title: str) -> None:
    """Each one breaks some careless page."""
    assert any(item["title"] == title[:256] for item in items(world))


@pytest.mark.parametrize("text", hostile().bodies + hostile().comments)
def test_every_hostile_text_is_met(world: list[Record], text: str) -> None:
    """In a body, or in a comment."""
    assert any(
        text in item["body"] or any(comment["body"] == text for comment in comments(item))
        for item in items(world)
    )


def test_staff_redirect_by_hand(world: list[Record]) -> None:
    """Somebody with rights has posted the new address already."""
    people = staff(world)
    told = [
        c
        for item in items(world)
        for c in comments(item)
        if c["author"] in people and NEW_ADDRESS in c["body"]
    ]
    assert len(told) >= 3


def test_a_landing_and_what_it_names_know_each_other(large_world: list[Record]) -> None:
    """An item of the target that names an old one is named in that one's timeline, by the one
    who opened it."""
    new = {item["number"]: item for item in items(large_world, TARGET)}
    named = 0
    for old in items(large_world):
        for event in events(old, "cross-referenced"):
            if event["source"]["repository"] == TARGET:
                landing = new[event["source"]["number"]]
                assert (
                    f"{SOURCE}#{old['number']}" in landing["body"]
                    or f"{SOURCE}/issues/{old['number']}" in landing["body"]
                )
                assert (event["created_at"], event["actor"]) == (
                    landing["created_at"],
                    landing["author"],
                )
                assert old["created_at"] < landing["created_at"] > CUTOVER
                named += 1
    assert named > 20


def test_authors_say_where_they_opened_the_successor(large_world: list[Record]) -> None:
    """By hand, as they were asked to, and the address leads to their own item."""
    new = {
        f"https://github.com/{TARGET}/issues/{item['number']}": item
        for item in items(large_world, TARGET)
    }
    said = [
        (old, c["body"].rsplit(" ", 1)[-1].rstrip("."))
        for old in items(large_world)
        for c in comments(old)
        if f"{TARGET}/issues/" in c["body"]
    ]
    successors = [(old, new[address]) for old, address in said if address in new]
    assert len(successors) > 10
    assert all(old["author"] in (landing["author"], None) for old, landing in successors)


def test_every_old_item_that_a_landing_names_exists(large_world: list[Record]) -> None:
    """No address in a landing leads nowhere."""
    numbers = {item["number"] for item in items(large_world)}
    mentions = [item["body"].partition(f"{SOURCE}#")[2] for item in items(large_world, TARGET)]
    mentioned = [int("".join(ch for ch in text[:6] if ch.isdigit())) for text in mentions if text]
    assert mentioned
    assert set(mentioned) <= numbers


def test_an_issue_that_a_pull_request_closes_says_so(large_world: list[Record]) -> None:
    """Both sides of the link, and the issue is the older one."""
    rows = {item["number"]: item for item in items(large_world)}
    closing = [item for item in rows.values() if item.get("pull", {}).get("closes")]
    assert closing
    for pull in closing:
        issue = rows[pull["pull"]["closes"][0]]
        assert {"repository": SOURCE, "number": pull["number"]} in [
            event["source"] for event in events(issue, "cross-referenced")
        ]
        assert issue["created_at"] < pull["created_at"]


def test_programs_of_both_kinds_write(world: list[Record]) -> None:
    """Accounts of type Bot, and ordinary accounts that a program runs."""
    types = {record["login"]: record["type"] for record in world if record["record"] == "account"}
    writers = {
        comment["author"]
        for item in items(world)
        for comment in comments(item)
        if is_program(comment["author"])
    }
    assert {types[login] for login in writers} == {"Bot", "User"}


def test_people_whose_names_look_like_programs_write_too(large_world: list[Record]) -> None:
    """A login's ending says nothing."""
    writers = {comment["author"] for item in items(large_world) for comment in comments(item)}
    assert {"eliot-bot", "not-a-robot", "talbot"} <= writers
    assert not any(map(is_program, ("eliot-bot", "not-a-robot", "talbot")))


def test_some_items_are_kept_alive_by_programs_only(world: list[Record]) -> None:
    """Their newest comment is a program's, their last person left half a year ago."""
    now = datetime.fromisoformat(world[0]["clock"])
    found = 0
    for item in items(world):
        written = [
            (datetime.fromisoformat(comment["created_at"]), is_program(comment["author"]))
            for comment in comments(item)
        ]
        people = [moment for moment, program in written if not program]
        programs = [moment for moment, program in written if program]
        if people and programs:
            found += now - max(programs) < timedelta(days=30) and now - max(people) > timedelta(
                days=180
            )
    assert found >= 2


def test_months_pass_without_a_word_in_many_threads(world: list[Record]) -> None:
    """Between two comments of one thread."""
    gaps = 0
    for item in items(world):
        times = [datetime.fromisoformat(comment["created_at"]) for comment in comments(item)]
        gaps += any(later - earlier > timedelta(days=120) for earlier, later in pairwise(times))
    assert gaps > 40


def test_every_label_in_use_is_a_label_of_its_repository(large_world: list[Record]) -> None:
    """GitHub would have refused others."""
    known = {
        record["name"]: {label["name"] for label in record["labels"]}
        for record in large_world
        if record["record"] == "repository"
    }
    for repository in (SOURCE, TARGET):
        used = {
            label for item in items(large_world, repository) for label in item.get("labels", ())
        }
        assert used <= known[repository]


def test_labels_are_what_the_timeline_left(large_world: list[Record]) -> None:
    """An item's labels follow from its events."""
    for item in items(large_world):
        left: dict[str, None] = {}
        for event in item.get("events", ()):
            if event["kind"] == "labeled":
                left[event["label"]] = None
            elif event["kind"] == "unlabeled":
                left.pop(event["label"])
        assert sorted(left) == sorted(item.get("labels", ()))


def test_acts_that_need_rights_are_done_by_who_has_them(large_world: list[Record]) -> None:
    """Labels are set by staff and programs, never by passers-by."""
    accounts = {record["login"] for record in large_world if record["record"] == "account"}
    for item in items(large_world):
        for event in item.get("events", ()):
            if event["kind"] in ("labeled", "unlabeled", "assigned", "locked", "pinned"):
                assert event["actor"] in accounts


def test_the_account_that_acts_may_label_and_close_everywhere(world: list[Record]) -> None:
    """`migration-account` writes on both sides; its bot twin is of type Bot."""
    accounts = {record["login"]: record for record in world if record["record"] == "account"}
    assert accounts["migration-account"]["permissions"] == {SOURCE: "write", TARGET: "write"}
    assert accounts["migrator-bot"]["type"] == "Bot"
    assert accounts["repository-owner"]["permissions"] == {SOURCE: "admin", TARGET: "admin"}


def test_the_source_runs_a_stale_workflow_and_both_turn_blank_issues_off(
    world: list[Record],
) -> None:
    """Things that `check` must find, as they were in 2021; the target has issue templates."""
    repositories = {record["name"]: record for record in world if record["record"] == "repository"}
    assert "actions/stale" in repositories[SOURCE]["files"][".github/workflows/stale.yml"]
    assert (
        "blank_issues_enabled: false"
        in repositories[SOURCE]["files"][".github/ISSUE_TEMPLATE/config.yml"]
    )
    assert (repositories[SOURCE]["blank_issues"], repositories[TARGET]["blank_issues"]) == (
        False,
        False,
    )
    assert ".github/ISSUE_TEMPLATE/00-bug-template.md" in repositories[TARGET]["files"]
    assert all(
        "{" + "source" not in text
        for record in repositories.values()
        for text in record["files"].values()
    )


def test_no_sentence_is_left_with_a_place_to_fill(large_world: list[Record]) -> None:
    """Placeholders of ours never reach a text."""
    places = (
        "{author}",
        "{target}",
        "{address}",
        "{gist}",
        "{successor}",
        "{source}",
        "{number}",
        "{title}",
        "{thing}",
        "{what}",
    )
    for item in items(large_world) + items(large_world, TARGET):
        text = item["title"] + item["body"] + "".join(comment["body"] for comment in comments(item))
        assert not any(place in text for place in places), text


def test_titles_and_bodies_fit_github(large_world: list[Record]) -> None:
    """256 and 65,536 characters, and no title is blank."""
    for item in items(large_world) + items(large_world, TARGET):
        assert 0 < len(item["title"]) <= 256
        assert len(item["body"]) <= 65_536
        assert "\n" not in item["title"]


def test_every_story_and_pool_that_is_named_exists() -> None:
    """The data files fit together."""
    words, known = stories(), {story.name for story in stories().stories}
    dealt = {
        card.story
        for deck in (words.source_deck, words.target_before, words.target_after)
        for card in deck
    }
    dealt |= {card.story for card in words.synthetic} | {pair.alone for pair in words.pairs}
    assert dealt == known
    assert sum(card.count for card in words.source_deck) == 100
    assert {story.fate for story in words.stories} <= set(words.fates)
    pools = {
        step.split(" ", 2)[2] for story in words.stories for step in story.steps if " says " in step
    }
    pools |= {pair.text for pair in words.pairs} | {pair.told for pair in words.pairs if pair.told}
    assert pools | {"review", "pull_body"} == set(words.sentences)


def test_every_role_is_held_at_all_times() -> None:
    """Each role has a holder whose turn never ends."""
    for role in (
        "moved_maintainer",
        "maintainer",
        "triager",
        "butler",
        "licence",
        "tester",
        "mirror",
        "workflow",
        "regular",
    ):
        assert any(
            role in account.roles and account.until is None for account in vocabulary().accounts
        ), role
