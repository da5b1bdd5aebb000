"""Whatever GitHub leaves out of a reply: an item is read another way, or named as unread, and
never simply missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.items import Item
from migrator.errors import GitHubError, IncompleteReply, NotFound, ServerUnavailable
from migrator.github.client import GitHubClient
from migrator.github.completeness import UnreadItem
from migrator.github.transport import RetryPolicy
from tests.support.sandboxes import CONTROL, OLD, Sandbox, Sandboxes, comments, issue, pull

ISSUES = range(1, 61)
PULLS = range(61, 81)
BROKEN = {
    "type": "SERVICE_UNAVAILABLE",
    "message": "Something went wrong while executing your query.",
}


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """60 issues and 20 pull requests; each with comments, a label and a reaction."""
    fields: dict[str, Any] = {
        "labels": ["bug"],
        "reactions": [
            {"content": "THUMBS_UP", "user": "robin", "created_at": "2021-03-01T00:00:00Z"}
        ],
    }
    talk = {"comments": comments(4)}
    records = [
        *(issue(number, **fields, **talk) for number in ISSUES),
        *(pull(number, **fields, **talk) for number in PULLS),
    ]
    started = Sandboxes(tmp_path_factory.mktemp("complete"))
    yield started.start(*records)
    started.stop()


@contextlib.contextmanager
def rules(github: Sandbox, *given: dict[str, Any]) -> Iterator[None]:
    """Rules for the sandbox's replies, until the block ends."""
    assert CONTROL.post(f"{github.url}/_sandbox/rules", json=list(given)).is_success
    yield
    CONTROL.post(f"{github.url}/_sandbox/rules", json=[])


def client(github: Sandbox) -> GitHubClient:
    """One that does not wait between tries."""

    async def at_once(_seconds: float) -> None:
        return None

    return github.client(retry_policy=RetryPolicy(first_delay=0.0), sleep=at_once)


async def scanned(
    github: Sandbox, kind: str = "issues"
) -> tuple[dict[int, Item], dict[int, UnreadItem], int]:
    """What a walk read and what it could not read, by number, and how many requests it took."""
    async with client(github) as asking:
        pages = [
            page
            async for page in (
                asking.scan_issues(OLD) if kind == "issues" else asking.scan_pulls(OLD)
            )
        ]
        read = {item.number: item for page in pages for item in page.items}
        return (
            read,
            {one.number: one for page in pages for one in page.unread},
            asking.requests.query,
        )


LOST_ONCE: list[dict[str, Any]] = [
    {"use": "null_node", "items": [7]},
    {"use": "null_node_silent", "items": [7]},
    {"use": "nodes_null"},
    {"use": "labels_null", "items": [7]},
    {"use": "comments_null", "items": [7]},
    {"use": "comments_missing", "items": [7]},
    {"use": "reactions_null", "items": [7]},
    {"use": "participants_null", "items": [7]},
    {"use": "timeline_null", "items": [7]},
    {"use": "error_below", "items": [7]},
    {"use": "short_page"},
    {"operation": "ScanIssues", "patch": [{"at": "data.repository", "error": BROKEN}]},
    {"operation": "ScanIssues", "patch": [{"at": "data.repository"}]},
    {"operation": "ScanIssues", "patch": [{"at": "data.repository.issues", "error": BROKEN}]},
    {"operation": "ScanIssues", "patch": [{"at": "item.comments.nodes.1"}], "items": [7]},
    {"operation": "ScanIssues", "patch": [{"at": "item.reactions.nodes.0"}], "items": [7]},
    {"operation": "ScanIssues", "patch": [{"at": "item.title"}], "items": [7]},
    {"operation": "ScanIssues", "patch": [{"at": "item.labels.nodes", "to": []}], "items": [7]},
    {"operation": "ScanIssues", "patch": [{"at": "item.reactions.nodes", "to": []}], "items": [7]},
    {
        "operation": "ScanIssues",
        "patch": [{"at": "item.participants.nodes", "to": []}],
        "items": [7],
    },
    {"operation": "ScanIssues", "patch": [{"at": "page.nodes.3+", "drop": True}]},
    {"operation": "ScanIssues", "patch": [{"at": "page.pageInfo"}]},
    {
        "operation": "ScanIssues",
        "patch": [
            {"at": "page.pageInfo.hasNextPage", "to": False},
            {"at": "page.nodes.5+", "drop": True},
        ],
    },
    {"operation": "ScanIssues", "status": 200, "body": {"data": None}},
    {"operation": "ScanIssues", "status": 502, "body": "<html></html>"},
]


@pytest.mark.parametrize("rule", LOST_ONCE, ids=str)
async def test_what_one_reply_lacks_is_read_again(github: Sandbox, rule: dict[str, Any]) -> None:
    """Whatever was missing, and for whatever reason: afterwards every item is there, whole, and
    once."""
    async with client(github) as asking:
        whole = [item async for page in asking.scan_issues(OLD) for item in page.items]
    with rules(github, {**rule, "nth": [1]}):
        read, unread, _ = await scanned(github)
    assert (read, unread) == ({item.number: item for item in whole}, {})


@pytest.mark.parametrize("rule", [one for one in LOST_ONCE if "items" in one], ids=str)
async def test_an_item_that_is_never_shown_whole_is_named_and_stops_no_other(
    github: Sandbox, rule: dict[str, Any]
) -> None:
    """With its number and GitHub's words; eight requests are enough to find that out."""
    with rules(github, {**rule, "items": [7, 33]}):
        read, unread, requests = await scanned(github)
    assert sorted(read) == [number for number in ISSUES if number not in (7, 33)]
    assert {number: bool(one.words and one.cause) for number, one in unread.items()} == {
        7: True,
        33: True,
    }
    assert requests <= 2 + 2 * 4


async def test_an_item_that_always_times_out_is_found_by_halves(github: Sandbox) -> None:
    """All others are read, within 16 requests more."""
    with rules(github, {"use": "item_times_out", "operation": "Scan*", "items": [41]}):
        read, unread, requests = await scanned(github)
    assert sorted(read) == [number for number in ISSUES if number != 41]
    assert (list(unread), unread[41].cause) == ([41], "unavailable")
    assert requests <= 1 + 16


async def test_an_item_that_is_too_heavy_only_as_a_whole_is_read_thinner(github: Sandbox) -> None:
    """Fewer comments; those that were left out count as unread."""
    with rules(
        github, {"operation": "Scan*", "items": [70], "above": {"comments": 3}, "status": 502}
    ):
        read, unread, _ = await scanned(github, "pulls")
    assert (sorted(read), unread) == (list(PULLS), {})
    assert (len(read[70].comments), read[70].comments_total) == (3, 4)


async def test_an_older_server_is_asked_without_what_it_does_not_have(github: Sandbox) -> None:
    """Else it would refuse every query as a whole; it is asked for that once."""
    whole, _, requests = await scanned(github)
    with rules(github, {"use": "no_sub_issues"}):
        read, unread, more = await scanned(github)
    assert (read, unread, more) == (whole, {}, requests + 1)


async def test_open_sub_issues_are_counted(tmp_path: Path) -> None:
    """Not those that are closed."""
    started, part = Sandboxes(tmp_path), {"parent": {"repository": OLD, "number": 1}}
    related = started.start(issue(1), issue(2, **part), issue(3, state="closed", **part))
    read, _, _ = await scanned(related)
    started.stop()
    assert {number: item.open_sub_issues for number, item in read.items()} == {1: 1, 2: 0}


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An issue with 60 comments, and one with none."""
    started = Sandboxes(tmp_path_factory.mktemp("long"))
    yield started.start(issue(1, comments=comments(60), labels=["bug"]), issue(2))
    started.stop()


HEAVY = {"items": [1], "above": {"comments": 20}}
LESS_DEEP: list[dict[str, Any]] = [
    {"operation": "Item", "status": 502},
    {"operation": "ItemByNumber", "patch": [{"at": "item.comments.nodes", "to": []}]},
    {"operation": "DeepItems", "patch": [{"at": "item.labels.nodes"}]},
]


async def deep(asking: GitHubClient, operation: str) -> Item | UnreadItem | None:
    """The long issue, as that query reads it before an act; ``None`` if it cannot be read."""
    item_id, other = await ids(asking, 1, 2)
    with contextlib.suppress(IncompleteReply):
        if operation == "Item":
            return await asking.item(item_id)
        if operation == "ItemByNumber":
            return await asking.item_by_number(OLD, 1)
        return (await asking.deep_items([item_id, other]))[0]
    return None


@pytest.mark.parametrize("rule", LESS_DEEP, ids=str)
async def test_an_item_read_less_deep_before_an_act_still_has_its_whole_thread(
    long: Sandbox, rule: dict[str, Any]
) -> None:
    """Else it would seem to have changed since it was judged, and be skipped."""
    async with client(long) as asking:
        whole = await asking.item_by_number(OLD, 1)
        with rules(long, {**HEAVY, **rule}):
            read = await deep(asking, rule["operation"])
    assert isinstance(read, Item)
    assert (len(read.comments), read.comments, read.events) == (60, whole.comments, whole.events)


@pytest.mark.parametrize("rule", LESS_DEEP[::2], ids=str)
async def test_an_item_whose_thread_is_never_shown_is_unread(
    long: Sandbox, rule: dict[str, Any]
) -> None:
    """Nobody acts on what a part of it says."""
    async with client(long) as asking:
        with rules(long, {**HEAVY, **rule}, {"operation": "Earlier", "status": 502}):
            assert not isinstance(await deep(asking, rule["operation"]), Item)


async def test_github_that_goes_away_within_an_item_is_no_fault_of_the_item(long: Sandbox) -> None:
    """It waits like all others; nothing is set aside for an outage."""
    away = [{"operation": name, "status": 502} for name in ("Earlier", "Viewer")]
    async with client(long) as asking:
        item_id, _ = await ids(asking, 1, 2)
        with (
            rules(long, {**HEAVY, **LESS_DEEP[0]}, *away),
            pytest.raises(ServerUnavailable) as raised,
        ):
            await asking.item(item_id)
    assert not isinstance(raised.value, IncompleteReply)


@pytest.mark.parametrize(
    "lost", [{"at": "item.files"}, {"at": "item.files", "error": BROKEN}], ids=str
)
async def test_a_pull_request_whose_files_are_never_shown_is_read_without_them(
    github: Sandbox, lost: dict[str, Any]
) -> None:
    """It is known; that its paths are not is seen by their count."""
    with rules(github, {"operation": "Scan*", "items": [70], "patch": [lost]}):
        read, unread, _ = await scanned(github, "pulls")
    assert (sorted(read), unread) == (list(PULLS), {})
    assert read[70].pull is not None
    assert (read[70].pull.changed_paths, read[70].pull.changed_paths_total) == ((), 1)


@pytest.mark.parametrize("rule", [{"use": "resource_limits"}, {"use": "page_times_out"}], ids=str)
async def test_pages_that_are_too_wide_become_narrower_and_stay_so(
    github: Sandbox, rule: dict[str, Any]
) -> None:
    """The width that works is remembered from one walk to the next."""
    with rules(github, {**rule, "above": {"first": 20}}):
        async with client(github) as asking:
            for _ in range(2):
                pages = [page async for page in asking.scan_issues(OLD)]
                assert sorted(item.number for page in pages for item in page.items) == list(ISSUES)
                assert not any(page.unread for page in pages)
                assert asking._size("issues").current <= 30
            assert asking.requests.query <= 8 + 10


async def test_what_github_hides_of_others_is_no_hole(github: Sandbox) -> None:
    """A private repository's item in a timeline: GitHub says that it is not for us, and the rest
    counts."""
    with rules(github, {"use": "hidden_event"}):
        read, unread, requests = await scanned(github, "pulls")
    assert (sorted(read), unread, requests) == (list(PULLS), {}, 1)


async def test_an_item_that_is_not_for_us_is_named_with_githubs_words(github: Sandbox) -> None:
    """Asked once more, no oftener."""
    with rules(github, {"use": "null_node_forbidden", "items": [7]}):
        read, unread, requests = await scanned(github)
    assert (unread[7].cause, "SAML" in unread[7].words, requests) == ("forbidden", True, 3)
    assert len(read) == len(ISSUES) - 1


async def test_a_cursor_lies_behind_what_was_read_or_named(github: Sandbox) -> None:
    """A scan that goes on there misses nothing."""
    with rules(github, {"use": "null_node", "items": [7]}):
        async with client(github) as asking:
            asking._size("issues").shrink(20)
            first = await anext(asking.scan_issues(OLD))
            rest = [
                item.number
                async for page in asking.scan_issues(OLD, after=first.cursor)
                for item in page.items
            ]
    assert sorted(
        [*(item.number for item in first.items), *(one.number for one in first.unread), *rest]
    ) == list(ISSUES)


async def test_changed_pull_requests_are_complete_too(github: Sandbox) -> None:
    """Newest first, with an end at a date: a hole does not end the walk early."""
    with rules(github, {"use": "null_node", "items": [65]}, {"use": "short_page", "nth": [1]}):
        async with client(github) as asking:
            pages = [
                page
                async for page in asking.scan_pulls(OLD, since=datetime(2021, 1, 1, tzinfo=UTC))
            ]
    assert {item.number for page in pages for item in page.items} == set(PULLS) - {65}
    assert [one.number for page in pages for one in page.unread] == [65]


async def test_a_wall_of_time_outs_is_an_outage_and_no_fault_of_items(github: Sandbox) -> None:
    """Nobody is set aside by the thousand because GitHub is unwell."""
    with (
        rules(github, {"operation": "ScanIssues", "status": 502}),
        pytest.raises(ServerUnavailable, match="in a row"),
    ):
        await scanned(github)


async def ids(asking: GitHubClient, *numbers: int) -> list[str]:
    """Node ids of some items."""
    return [(await asking.item_by_number(OLD, number)).id for number in numbers]


@pytest.mark.parametrize(
    "rule",
    [
        {"use": "null_node"},
        {"use": "labels_null"},
        {"use": "comments_null"},
        {"use": "item_times_out"},
    ],
    ids=str,
)
async def test_by_id_unread_is_not_gone(github: Sandbox, rule: dict[str, Any]) -> None:
    """Neither many at once, nor deep, nor alone: deleted is only what GitHub says that it does
    not have."""
    async with client(github) as asking:
        wanted = [*(await ids(asking, 1, 2, 3)), "I_nothing"]
        with rules(github, {**rule, "operation": "*Item*", "items": [2]}):
            for read in (await asking.items(wanted), await asking.deep_items(wanted)):
                assert [type(one) for one in read] == [Item, UnreadItem, Item, type(None)]
            with pytest.raises(ServerUnavailable):
                await asking.item(wanted[1])
            with pytest.raises(ServerUnavailable):
                await asking.item_by_number(OLD, 2)
        with pytest.raises(NotFound):
            await asking.item("I_nothing")


async def test_by_id_what_one_reply_lacks_is_read_again(github: Sandbox) -> None:
    """Alone, and whole."""
    async with client(github) as asking:
        wanted = await ids(asking, 1, 2)
        whole = await asking.items(wanted)
        with rules(github, {"use": "null_node", "operation": "Items", "items": [2], "nth": [1]}):
            assert await asking.items(wanted) == whole


@pytest.mark.parametrize("patch", ["nodes", "nodes.0", "nodes.-1"])
async def test_a_look_up_of_our_notice_never_overlooks_a_comment(
    github: Sandbox, patch: str
) -> None:
    """A search that did not see all comments has not found that there is none."""
    async with client(github) as asking:
        (item_id,) = await ids(asking, 5)
        lost = {
            "operation": "Comments",
            "patch": [{"at": f"item.comments.{patch}", "drop": patch.endswith("-1")}],
        }
        with rules(github, {**lost, "nth": [1]}):
            assert len(await asking.find_comments(item_id, by_viewer=False)) == 4
        with rules(github, lost), pytest.raises(IncompleteReply):
            await asking.find_comments(item_id, by_viewer=False)


@pytest.mark.parametrize(
    "lost",
    [
        "subject",
        "subject.comments",
        "subject.comments.nodes",
        "subject.labels",
        "subject.timelineItems.nodes",
    ],
)
async def test_a_reply_to_a_notice_without_the_thread_says_nothing_of_the_thread(
    github: Sandbox, lost: str
) -> None:
    """It has to be read anew: an empty list would mean that nobody spoke."""
    async with client(github) as asking:
        (item_id,) = await ids(asking, 50)
        with rules(github, {"operation": "AddComment", "patch": [{"at": f"data.comment.{lost}"}]}):
            reply = await asking.add_comment(item_id, "Moved.")
        assert (reply.comment.body, reply.subject) == ("Moved.", None)


async def test_a_step_whose_reply_is_empty_is_in_doubt(github: Sandbox) -> None:
    """GitHub may have done it, and did not show it."""
    async with client(github) as asking:
        item = await asking.item_by_number(OLD, 51)
        with rules(
            github,
            {"operation": "LabelAndClose", "patch": [{"at": "data.close.issue", "error": BROKEN}]},
        ):
            reply = await asking.label_and_close(item.id, item.kind)
    assert [type(error).__name__ for error in reply.errors.values()] == ["OutcomeUnknown"]
    assert reply.done == ()


async def test_earlier_pages_of_a_thread_that_github_does_not_show_leave_it_unread(
    github: Sandbox,
) -> None:
    """Nothing is held against anybody for what was not read; other threads are read back."""
    async with client(github) as asking:
        shown = [item async for page in asking.scan_issues(OLD, comments=1) for item in page.items][
            :3
        ]
        with rules(
            github,
            {
                "operation": "Earlier",
                "items": [shown[1].number],
                "patch": [{"at": "item.comments.nodes"}],
            },
        ):
            whole = await asking.complete_threads(shown, lambda _item: False)
    assert [len(item.comments) for item in whole] == [4, 1, 4]


async def test_a_repository_whose_facts_are_cut_is_asked_again(github: Sandbox) -> None:
    """A plan that knows no label would create one."""
    cut = {"operation": "Survey", "patch": [{"at": "data.r0.labels.nodes", "error": BROKEN}]}
    async with client(github) as asking:
        with rules(github, {**cut, "nth": [1]}):
            assert [label.name for label in (await asking.repository(OLD)).labels] == ["bug"]
        with rules(github, cut), pytest.raises(GitHubError):
            await asking.repository(OLD)


LEADS_BACK = {"at": "page.pageInfo", "to": {"hasNextPage": True, "endCursor": None}}


async def test_a_page_that_leads_back_to_the_beginning_is_read_by_its_list(
    github: Sandbox,
) -> None:
    """Otherwise the walk would read the same items for ever."""
    whole, _, _ = await scanned(github)
    with rules(github, {"operation": "ScanIssues", "patch": [LEADS_BACK]}):
        read, unread, _ = await scanned(github)
    assert (sorted(read), unread) == (sorted(whole), {})


async def test_a_walk_that_leads_back_by_every_account_ends_with_an_error(github: Sandbox) -> None:
    """Nothing is taken for whole."""
    back = [{"operation": name, "patch": [LEADS_BACK]} for name in ("ScanIssues", "IssueNumbers")]
    with rules(github, *back), pytest.raises(IncompleteReply, match="again"):
        await scanned(github)
