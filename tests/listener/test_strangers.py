"""Strangers cannot make the bot talk, nor keep it from its work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete

from migrator.domain.marker import MarkerKind, find_markers
from migrator.domain.protocol.ledger import EntryKind
from migrator.domain.rules import BudgetRules
from migrator.domain.webhooks.triggers import Trigger
from migrator.execution.throttle import Pacer, listener_limits
from migrator.listener.handlers.commands import MOST_REPLIES
from migrator.listener.reconciler import reconcile
from migrator.store.models import SpendRow
from tests.support.listener import RULES, House, house, listening
from tests.support.small_world import SOURCE

COMMANDS = ("/reopen", "/migrate-help", "/not-widget", "/still-here", "/widget")


def with_budget(share: str, **more: int) -> str:
    """The rules of a migration whose listener has such a share of so much an hour."""
    keys = "".join(f"{name} = {value}\n" for name, value in more.items())
    return f"{RULES}listener_share = {share}\n{keys}"


@contextmanager
def heard(folder: Path, rules: str) -> Iterator[House]:
    """A listener that runs by these rules."""
    with house(folder, rules) as built, listening(built):
        yield built


def welcomed(home: House, **about: str) -> int:
    """An item with our notice."""
    number = home.open(**about)  # type: ignore[arg-type]
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    return number


def test_many_comments_of_a_stranger_draw_no_comment_of_ours(home: House) -> None:
    """Whatever they command, and wherever: a thumbs-down each, and nobody is mailed."""
    noticed, bare = welcomed(home), home.open("Help", "Something is off.")
    for turn in range(12):
        for number in (noticed, bare):
            home.say(number, f"{COMMANDS[turn % len(COMMANDS)]}\n\nnow, {turn}", by="bob")
    home.until(lambda: home.reactions(bare) == home.reactions(noticed) == ["THUMBS_DOWN"] * 12)
    home.settle()
    assert (len(home.comments(noticed)), len(home.comments(bare))) == (1, 0)


def test_an_author_gets_one_comment_at_most(home: House) -> None:
    """The first answer may be words; where a comment of ours stands, the others are reactions."""
    number = home.open("Help", "Something is off.")
    for turn in range(4):
        home.say(number, f"/migrate-help\n\n{turn}")
    home.until(lambda: len(home.reactions(number)) == 4)
    home.settle()
    (reply,) = home.comments(number)
    assert [marker.kind for marker in find_markers(reply)] == [MarkerKind.REPLY]
    assert home.reactions(number) == ["THUMBS_UP", *["THUMBS_DOWN"] * 3]


def test_where_a_notice_stands_its_author_is_answered_by_a_reaction(home: House) -> None:
    """The notice names the commands already."""
    number = welcomed(home)
    home.say(number, "/migrate-help")
    home.until(lambda: home.reactions(number) == ["THUMBS_DOWN"])
    home.settle()
    assert len(home.comments(number)) == 1


def test_a_maintainer_is_answered_in_words(home: House) -> None:
    """Also where a notice stands."""
    number = welcomed(home)
    home.say(number, "/migrate-help", by="tria")
    home.until(lambda: home.reactions(number) == ["THUMBS_UP"])
    home.settle()
    assert "/still-here" in home.comments(number)[1]


def test_two_bots_stop_talking_to_each_other(home: House) -> None:
    """The other one has an account with triage rights that nobody lists as a bot, and answers each
    comment of ours with a command: after a handful it gets reactions, to which nobody replies."""
    number = home.open("Help", "Something is off.")
    home.settle()
    heard = 0
    for turn in range(MOST_REPLIES + 3):
        home.say(number, f"/migrate-help\n\n{turn}", by="tria")
        home.settle()
        replies = len(home.comments(number))
        if replies == heard:
            break
        heard = replies
    assert heard == MOST_REPLIES
    assert home.reactions(number)[-1] == "THUMBS_DOWN"


def test_an_edited_comment_gives_no_command(strict: House) -> None:
    """Somebody with write access may have put the words there."""
    number = strict.open(labels=("comp:widget",))
    strict.until(lambda: not strict.is_open(number))
    strict.say(number, "It still happens.")
    theirs = strict.github.item(number)["comments"][-1]["id"]
    strict.github.act("amy", "edit_comment", number, body="/reopen", comment=theirs)
    strict.settle()
    asyncio.run(reconcile(strict.context, strict.follower))
    assert not strict.is_open(number)
    assert strict.reactions(number) == []


def test_a_hidden_comment_gives_no_command(quiet: House) -> None:
    """What maintainers hid is not followed when a sweep finds it."""
    number = quiet.open("Help", "Something is off.")
    quiet.say(number, "/migrate-help")
    theirs = quiet.github.item(number)["comments"][-1]["id"]
    quiet.github.act("root", "minimize", number, comment=theirs, reason="spam")
    quiet.handle(number, Trigger.COMMANDS)
    assert quiet.comments(number) == quiet.reactions(number) == []


def test_a_comment_that_is_edited_while_its_answer_waits_is_still_answered(tmp_path: Path) -> None:
    """Its command was taken in when it stood there unedited; without the words, nothing is left to
    do."""
    with house(tmp_path, with_budget("0.01", content_per_hour=100)) as home:
        kept, gone = home.open("Help", "Off."), home.open("Help me", "Off.")
        use_up(home)
        for number in (kept, gone):
            home.say(number, "/migrate-help")
            assert "used up" in home.handle(number, Trigger.COMMANDS)
        home.github.act("amy", "edit_comment", kept, body="/migrate-help\n\nplease")
        home.github.act("amy", "edit_comment", gone, body="never mind")
        give_back(home)
        for number in (kept, gone):
            home.handle(number, Trigger.COMMANDS)
        assert (home.reactions(kept), home.reactions(gone)) == (["THUMBS_UP"], [])
        assert home.context.store.progress.left_unfinished() == []


def use_up(home: House) -> None:
    """Spend the listener's share of the budget."""
    while pacer(home).admit(1):
        pass


def give_back(home: House) -> None:
    """Let the hour pass in which the share was spent."""
    with home.context.store.engine.begin() as connection:
        connection.execute(delete(SpendRow))


def pacer(home: House) -> Pacer:
    """The pace of the account that writes in the source repository."""
    return home.context.pacer(SOURCE)


def test_replies_reactions_and_welcomes_draw_on_one_share(tmp_path: Path) -> None:
    """When it is used up, strangers get nothing, authors and new items wait; and the batch has all
    the rest of the hour."""
    with house(tmp_path, with_budget("0.1", content_per_hour=100)) as home:
        number = home.open()
        home.handle(number, Trigger.ARRIVAL)  # 1 of 10
        for turn in range(12):
            home.say(number, f"/reopen\n\n{turn}", by="bob")
        home.handle(number, Trigger.COMMANDS)
        assert home.reactions(number) == ["THUMBS_DOWN"] * 4, "half of the share is not theirs"
        home.say(number, "/still-here")
        home.handle(number, Trigger.COMMANDS)
        assert home.reactions(number)[-1] == "THUMBS_UP"
        use_up(home)
        late = home.open("The widget squeaks", by="bob")
        assert "used up" in home.handle(late, Trigger.ARRIVAL)
        assert home.comments(late) == []
        assert home.context.pacer(SOURCE)._budget.outlook().last_hour == 1 + 4 + 1
        give_back(home)
        home.handle(late, Trigger.ARRIVAL)
        assert len(home.comments(late)) == 1


def test_a_command_acts_although_the_share_is_used_up(tmp_path: Path) -> None:
    """What keeps an item open draws on the whole budget; only the answer waits."""
    rules = with_budget("0.1", content_per_hour=100)
    closing = rules.replace("[budget]", "[decisions.welcome]\nclose = true\n\n[budget]")
    with house(tmp_path, closing) as home:
        number = home.open(labels=("comp:widget",))
        home.handle(number, Trigger.ARRIVAL)
        assert not home.is_open(number)
        use_up(home)
        home.say(number, "/reopen")
        assert "used up" in home.handle(number, Trigger.COMMANDS)
        assert home.is_open(number)
        assert home.reactions(number) == []
        give_back(home)
        home.handle(number, Trigger.COMMANDS)
        assert home.reactions(number) == ["THUMBS_UP"]


def test_an_author_gets_so_many_welcomes_a_day(tmp_path: Path) -> None:
    """The others are left to the next plan; other authors, and the next day, are not concerned."""
    rules = RULES.replace("[budget]", "[decisions.welcome]\nper_author_per_day = 2\n\n[budget]")
    with heard(tmp_path, rules) as home:
        numbers = [home.open(f"The widget breaks {turn}", by="bob") for turn in range(4)]
        home.settle()
        assert sorted(len(home.comments(number)) for number in numbers) == [0, 0, 1, 1]
        assert len(home.comments(welcomed(home, title="The widget is loud"))) == 1
        left = next(number for number in numbers if not home.comments(number))
        home.pass_time(days=1)
        home.github.act("root", "label", left, labels=["bug"])
        home.until(lambda: len(home.comments(left)) == 1)


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_the_share_is_a_part_of_the_hour(part: float) -> None:
    """490 an hour, of which a fifth, of which strangers have half."""
    limits = listener_limits(BudgetRules(), part)
    assert limits.content_per_hour == int(490 * 0.2 * part)


def test_a_refused_stranger_is_in_the_ledger(home: House) -> None:
    """Each command is answered once, and what came of it can be read."""
    number = home.open("Help", "Something is off.")
    home.say(number, "/reopen", by="bob")
    home.until(lambda: home.reactions(number) == ["THUMBS_DOWN"])
    home.settle()
    (recorded,) = home.context.store.ledger.of_item(f"{SOURCE}#{number}")
    assert recorded.entry.kind is EntryKind.REPLY
    assert (recorded.state.code, recorded.state.message) == ("refused", "/reopen")
