"""Old items found again in the new repository, and what our notices say of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from migrator.domain.marker import render_origin
from migrator.domain.webhooks.triggers import Trigger
from migrator.execution.own_account import bot_identity
from migrator.execution.run import run_step
from migrator.execution.scan import scan
from migrator.listener.item_handler import ItemHandler
from migrator.listener.reconciler import reconcile
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.services.undo import make_undo_plan
from migrator.store.landings import Landings
from migrator.store.runs import RunOptions
from tests.support.listener import RULES, House, house, listening
from tests.support.small_world import SOURCE, TARGET


def welcomed(home: House) -> int:
    """An old item with our notice on it."""
    number = home.open()
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    return number


def landed(home: House, number: int) -> list[tuple[str, str]]:
    """Where an old item was found again, and how."""
    found = Landings(home.context.store.engine, "widget").of_old(f"{SOURCE}#{number}")
    return [(each.new_key, each.how) for each in found]


def refile(home: House, old: int, *, by: str = "amy") -> int:
    """Somebody opens an issue in the new repository by the link in our notice."""
    body = f"The widget breaks.\n\n{render_origin(SOURCE, old)}\n"
    return home.open("The widget breaks", body, by=by, repository=TARGET)


def test_a_refiled_issue_is_linked_from_our_notice(home: House) -> None:
    """The old thread leads to the new one, without a second comment and without a backlink."""
    old = welcomed(home)
    new = refile(home, old)
    home.until(lambda: "continues in the new repository" in home.comments(old)[0])
    (notice,) = home.comments(old)
    assert f"redirect.github.com/{TARGET}/issues/{new}" in notice
    assert landed(home, old) == [(f"{TARGET}#{new}", "refiled")]


def test_a_strangers_claim_is_stored_and_not_repeated(home: House) -> None:
    """Anyone can write the hidden line; our notice takes the author's word, and the project's."""
    old = welcomed(home)
    before = home.comments(old)
    new = refile(home, old, by="bob")
    home.settle()
    assert home.comments(old) == before
    assert landed(home, old) == [(f"{TARGET}#{new}", "refiled")]


def test_a_transferred_issue_is_no_landing_of_what_it_names(home: House) -> None:
    """GitHub says that it was opened in the target, and it names an old issue: it is the same
    thread at another place."""
    old = welcomed(home)
    moving = home.open("The widget breaks again", f"As in #{old}: {render_origin(SOURCE, old)}")
    home.settle()
    home.github.act("root", "transfer", moving, SOURCE, to=TARGET)
    home.settle()
    number = int(home.github.item(moving)["moved_to"]["number"])
    assert "was transferred here" in home.handle(number, Trigger.LANDING, repository=TARGET)
    assert landed(home, old) == []


def test_an_issue_that_came_back_is_no_arrival(home: House) -> None:
    """It was transferred to the target and back: nobody has to be welcomed."""
    there = home.open("Turning it", "Gears.", repository=TARGET)
    home.github.act("root", "transfer", there, TARGET, to=SOURCE)
    home.settle()
    number = int(home.github.item(there, TARGET)["moved_to"]["number"])
    assert home.handle(number, Trigger.ARRIVAL) == "arrival: no arrival"
    assert home.comments(number) == []


def test_a_second_successor_does_not_change_the_notice(home: House) -> None:
    """The first word stands, or two threads would fight over the notice."""
    old = welcomed(home)
    first = refile(home, old)
    home.until(lambda: f"/issues/{first}" in home.comments(old)[0])
    second = refile(home, old)
    home.settle()
    assert f"{TARGET}/issues/{first}" in home.comments(old)[0]
    assert len(landed(home, old)) == 2
    assert second != first


def test_a_notice_that_was_taken_back_names_no_successor(home: House) -> None:
    """The project said that the item is not ours: a claim that comes later is stored and changes
    no text."""
    number = welcomed(home)
    home.say(number, "/not-widget", by="tria")
    home.until(lambda: home.reactions(number) == ["THUMBS_UP"])
    home.settle()
    (notice,) = home.comments(number)
    refiled = refile(home, number)
    home.until(lambda: landed(home, number) == [(f"{TARGET}#{refiled}", "refiled")])
    home.settle()
    assert home.comments(number) == [notice]


def test_a_mere_mention_is_stored_only(home: House) -> None:
    """A link is a landing for the figures, and no successor for the notice."""
    old = welcomed(home)
    before = home.comments(old)
    new = home.open("Compare", f"See https://github.com/{SOURCE}/issues/{old}", repository=TARGET)
    home.settle()
    assert (home.comments(old), landed(home, old)) == (before, [(f"{TARGET}#{new}", "linked")])


def open_fix(home: House, old: int) -> int:
    """Bob opens a pull request in the new repository that fixes an old item."""
    return home.open(
        "Mend",
        f"Fixes {SOURCE}#{old}",
        by="bob",
        do="open_pull",
        paths=["core.py"],
        repository=TARGET,
    )


def fix(home: House, old: int) -> int:
    """A pull request in the new repository fixes an old item, and is merged."""
    new = open_fix(home, old)
    home.settle()
    home.github.act("root", "merge", new, TARGET)
    return new


def test_a_merged_fix_closes_the_old_issue_as_completed(home: House) -> None:
    """With the change named in our notice."""
    old = welcomed(home)
    new = fix(home, old)
    home.until(lambda: not home.is_open(old))
    home.settle()
    (notice,) = home.comments(old)
    assert f"{TARGET}/issues/{new}" in notice
    assert "closed as completed" in notice
    assert home.github.item(old)["state_reason"] == "completed"


def test_a_fix_of_an_item_without_a_notice_posts_one_first(quiet: House) -> None:
    """Nothing is closed without a notice that is visible."""
    old = quiet.open()
    new = open_fix(quiet, old)
    quiet.github.act("root", "merge", new, TARGET)
    quiet.handle(new, Trigger.LANDING, repository=TARGET)
    assert not quiet.is_open(old)
    (notice,) = quiet.comments(old)
    assert "closed as completed" in notice


def test_looking_at_a_fix_again_changes_nothing(home: House) -> None:
    """A replayed merge edits nothing and closes nothing."""
    old = welcomed(home)
    new = fix(home, old)
    home.until(lambda: not home.is_open(old))
    home.settle()
    before = (home.comments(old), dict(home.github.world.acts))
    home.handle(new, Trigger.LANDING, repository=TARGET)
    assert (home.comments(old), dict(home.github.world.acts)) == before


def test_who_speaks_after_the_fix_keeps_the_issue_open(quiet: House) -> None:
    """Somebody may say that it is not fixed."""
    old = quiet.open()
    new = open_fix(quiet, old)
    quiet.github.act("root", "merge", new, TARGET)
    quiet.pass_time(minutes=1)
    quiet.say(old, "That did not help.")
    quiet.handle(new, Trigger.LANDING, repository=TARGET)
    assert quiet.is_open(old)


def test_a_reopened_item_stays_open_after_its_fix(home: House) -> None:
    """Its author says it is still there; the fix closes it once, not again."""
    old = welcomed(home)
    new = fix(home, old)
    home.until(lambda: not home.is_open(old))
    home.settle()
    home.github.act("root", "reopen", old)
    home.settle()
    home.handle(new, Trigger.LANDING, repository=TARGET)
    assert home.is_open(old)


@pytest.mark.parametrize("closer", ["close", "nothing"])
def test_an_unmerged_fix_closes_nothing(home: House, closer: str) -> None:
    """A promise in a pull request is not its fulfilment."""
    old = welcomed(home)
    new = open_fix(home, old)
    if closer == "close":
        home.github.act("bob", "close", new, TARGET)
    home.settle()
    assert home.is_open(old)


def take_back(home: House, old: int) -> None:
    """Undo what was done to an item."""
    undo = make_undo_plan(
        home.context,
        as_of=home.context.clock(),
        item_key=f"{SOURCE}#{old}",
        progress=lambda *_: None,
    )
    asyncio.run(approve(home.context, undo.hash, by="test", how="test"))
    run = runs.start(home.context, undo.hash, options=RunOptions(paced=False))

    async def to_its_end() -> None:
        while not (await run_step(home.context, run.id)).ended:
            pass

    asyncio.run(to_its_end())


def test_a_completion_can_be_taken_back(home: House) -> None:
    """An undo opens the issue again and says so in the notice."""
    old = welcomed(home)
    fix(home, old)
    home.until(lambda: not home.is_open(old))
    home.settle()
    take_back(home, old)
    assert home.is_open(old)
    assert "Reverted" in home.comments(old)[0]


MOVING = RULES.replace("[budget]", '[activity.told]\nknown_landing = "close"\n\n[budget]')
"""The rules of a migration that closes what goes on in the new repository."""


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[House]:
    """The listener runs, and old items that were refiled are closed."""
    with house(tmp_path, MOVING) as built, listening(built):
        yield built


def old_and_refiled(home: House, days: float) -> int:
    """An old item with our notice on it, refiled by its author after so many days."""
    old = home.open(labels=("comp:widget",))
    home.until(lambda: len(home.comments(old)) == 1)
    home.pass_time(days=days)
    new = refile(home, old)
    home.until(lambda: f"redirect.github.com/{TARGET}/issues/{new}" in home.comments(old)[0])
    home.settle()
    return old


def test_a_refiled_issue_is_closed_by_editing_our_notice_where_the_file_says_so(
    moving: House,
) -> None:
    """With the link to its successor in the one notice that stands; and an undo opens it again."""
    old = old_and_refiled(moving, days=8)
    moving.until(lambda: not moving.is_open(old))
    (notice,) = moving.comments(old)
    assert "is closed here" in notice
    assert moving.github.item(old)["state_reason"].casefold() == "not_planned"
    take_back(moving, old)
    assert moving.is_open(old)
    assert len(moving.comments(old)) == 1


def test_a_refiled_issue_on_which_somebody_has_just_spoken_stays_open(moving: House) -> None:
    """The quiet days hold here, too; the notice leads to the successor all the same."""
    old = old_and_refiled(moving, days=6)
    assert moving.is_open(old)
    assert "stays open" in moving.comments(old)[0]


def test_a_refiled_issue_is_closed_once_its_quiet_days_are_over(moving: House) -> None:
    """The sweep remembers it, whoever started it; who speaks meanwhile makes it wait anew, and
    nothing is closed twice."""
    old = old_and_refiled(moving, days=3)

    def swept(days: float) -> bool:
        moving.pass_time(days=days)
        asyncio.run(reconcile(moving.context, ItemHandler(moving.context)))
        return moving.is_open(old)

    assert "after 7 days without a comment" in moving.comments(old)[0]
    assert swept(3.5)
    moving.say(old, "I look into it.", by="bob")
    moving.settle()
    assert swept(1)
    assert swept(5.5)
    assert not swept(1)
    assert "is closed here" in moving.comments(old)[0]
    moving.github.act("root", "reopen", old)
    assert swept(10)


def test_a_plan_posts_no_second_notice_on_what_was_refiled(moving: House) -> None:
    """A successor that the thread itself names is put into the notice that stands."""
    old = moving.open(labels=("comp:widget",))
    moving.until(lambda: len(moving.comments(old)) == 1)
    moving.say(old, f"Moved to {TARGET}#1")
    moving.settle()
    moving.pass_time(days=400)
    asyncio.run(scan(moving.context, lambda *_: None))
    as_of, own = moving.context.clock(), bot_identity(moving.context)
    classify(moving.context, as_of=as_of, own=own, progress=lambda *_: None)
    made = make_plan(
        moving.context, as_of=as_of, own=own, commands_served=True, progress=lambda *_: None
    )
    planned = moving.context.store.plans.item(made.hash, SOURCE, old)
    assert planned is not None
    assert (planned.decision, planned.code, planned.text) == ("leave", "already_done", "")


@pytest.mark.parametrize("reply", ["read", "lost"])
def test_who_speaks_just_before_such_a_close_gets_it_taken_back(tmp_path: Path, reply: str) -> None:
    """GitHub has no conditional close: its reply is read, the item opened at once, and the one
    notice says so."""
    with house(tmp_path, MOVING, proxied=True) as moving, listening(moving):
        assert moving.proxy is not None
        old = moving.open(labels=("comp:widget",))
        moving.until(lambda: len(moving.comments(old)) == 1)
        moving.pass_time(days=8)
        moving.proxy.before["LabelAndClose"] = lambda: moving.say(
            old, "I still need it here.", by="bob"
        )
        moving.proxy.lost |= {"LabelAndClose"} if reply == "lost" else set()
        refile(moving, old)
        moving.until(lambda: "bob" in moving.comments(old)[0])
        moving.settle()
        assert moving.is_open(old)
        assert "stays open" in moving.comments(old)[0]
        assert len(moving.comments(old)) == 1


def proxied_fix(home: House, old: int) -> None:
    """A pull request fixes an old item and is merged, a second before somebody may speak."""
    new = open_fix(home, old)
    home.github.act("root", "merge", new, TARGET)
    home.pass_time(minutes=1)
    home.handle(new, Trigger.LANDING, repository=TARGET)
    home.handle(new, Trigger.LANDING, repository=TARGET)


@pytest.mark.parametrize("told", [True, False], ids=["with a notice", "without one"])
@pytest.mark.parametrize("reply", ["read", "lost"])
def test_who_speaks_just_before_a_completion_gets_it_taken_back(
    tmp_path: Path, told: bool, reply: str
) -> None:
    """Also where the close's reply is lost: the next look finds out what became of it. Nothing
    is closed a second time."""
    with house(tmp_path, proxied=True) as home:
        assert home.proxy is not None
        old = home.open(labels=("comp:widget",))
        if told:
            home.handle(old, Trigger.ARRIVAL)
        home.proxy.before["LabelAndClose"] = lambda: home.say(old, "That is another one.", by="bob")
        home.proxy.lost |= {"LabelAndClose"} if reply == "lost" else set()
        proxied_fix(home, old)
        assert home.is_open(old)
        (notice,) = home.comments(old)
        assert "stays open" in notice
        assert "bob" in notice
        assert [each["kind"] for each in home.github.item(old)["events"]].count("closed") == 1
        outcomes = [
            each.state.outcome for each in home.context.store.ledger.of_item(f"{SOURCE}#{old}")
        ]
        assert outcomes == ["yielded"]


def test_an_item_that_was_kept_open_is_closed_by_a_later_fix_and_kept_open_again(
    tmp_path: Path,
) -> None:
    """What was taken back once says nothing of the next close, neither for it nor against it."""
    with house(tmp_path, proxied=True) as home:
        assert home.proxy is not None
        old = home.open(labels=("comp:widget",))
        home.handle(old, Trigger.ARRIVAL)
        for who in ("bob", "amy"):
            home.proxy.before["LabelAndClose"] = partial(
                home.say, old, "That is another one.", by=who
            )
            proxied_fix(home, old)
            assert home.is_open(old)
            assert who in home.comments(old)[0]
            home.pass_time(minutes=1)
        proxied_fix(home, old)
        assert not home.is_open(old)
        home.pass_time(minutes=1)
        home.say(old, "Thanks!")
        home.handle(old)
        assert not home.is_open(old)
        assert "closed as completed" in home.comments(old)[0]


def test_an_account_without_rights_can_try_everything_that_comments_can_do(tmp_path: Path) -> None:
    """A token is enough for a trial: people are told, successors linked, commands answered;
    nothing is tried that is refused."""
    trial = RULES.replace(
        "[budget]",
        "[decisions]\ncomment_only = true\n\n[decisions.welcome]\nclose = true\n\n[budget]",
    )
    with house(tmp_path, trial, account="bob") as home:
        number, pull = home.open(), home.open("Mend it", do="open_pull", paths=["widget/core.py"])
        home.say(number, "/still-here")
        fix = home.open(
            "Mend",
            f"Fixes {SOURCE}#{number}",
            by="amy",
            do="open_pull",
            paths=["a"],
            repository=TARGET,
        )
        home.github.act("root", "merge", fix, TARGET)
        asyncio.run(reconcile(home.context, home.follower))
        asyncio.run(reconcile(home.context, home.follower))
        ours = [each for each in home.github.item(number)["comments"] if each["author"] == "bob"]
        assert len(ours) == 1
        assert f"{TARGET} {fix}" in ours[0]["body"]
        assert home.is_open(number)
        assert home.is_open(pull)
        assert "git am" in home.github.item(pull)["comments"][0]["body"]
        outcomes = {
            entry.state.outcome
            for key in (number, pull)
            for entry in home.context.store.ledger.of_item(f"{SOURCE}#{key}")
        }
        assert outcomes == {"done"}
        assert not [line for line in home.github.server.log.entries if line.status in (401, 403)]
