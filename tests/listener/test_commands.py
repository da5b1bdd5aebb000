"""Commands in comments, from the webhook to GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.domain.evidence import Ownership
from migrator.domain.webhooks.triggers import Trigger
from tests.support.listener import House, house
from tests.support.small_world import SOURCE, TARGET


def closed(strict: House) -> int:
    """An item that the migration has closed."""
    number = strict.open(labels=("comp:widget",))
    strict.until(lambda: not strict.is_open(number))
    strict.settle()
    return number


def test_the_author_opens_again_what_we_closed(strict: House) -> None:
    """Our label goes, the notice says that it is open, a thumbs-up answers, and there is no
    second comment."""
    number = closed(strict)
    strict.say(number, "It still happens.\n\n/reopen")
    strict.until(lambda: strict.reactions(number) == ["THUMBS_UP"])
    strict.settle()
    assert strict.is_open(number)
    assert "migrated" not in strict.github.item(number)["labels"]
    (notice,) = strict.comments(number)
    assert "stays open" in notice
    assert "amy" in notice


def test_a_command_is_followed_once_however_often_it_is_edited_or_told(strict: House) -> None:
    """Closed again by a person, it stays closed."""
    number = closed(strict)
    strict.say(number, "/reopen")
    strict.until(lambda: strict.reactions(number) == ["THUMBS_UP"])
    strict.settle()
    strict.github.act("root", "close", number)
    strict.github.act("amy", "edit_comment", number, body="/reopen\n\nplease")
    strict.settle()
    assert not strict.is_open(number)
    assert strict.reactions(number) == ["THUMBS_UP"]


def test_a_stranger_is_refused_by_a_reaction_and_once(strict: House) -> None:
    """Only the author and people with triage rights speak for an item."""
    number = closed(strict)
    strict.say(number, "/reopen", by="bob")
    strict.until(lambda: strict.reactions(number) == ["THUMBS_DOWN"])
    theirs = next(
        each["id"] for each in strict.github.item(number)["comments"] if each["author"] == "bob"
    )
    strict.github.act("bob", "edit_comment", number, body="/reopen\nnow!", comment=theirs)
    strict.settle()
    assert not strict.is_open(number)
    assert strict.reactions(number) == ["THUMBS_DOWN"]
    assert len(strict.comments(number)) == 1


def test_somebody_with_triage_rights_may_speak_for_the_author(strict: House) -> None:
    """Rights are asked of GitHub."""
    number = closed(strict)
    strict.say(number, "/reopen", by="tria")
    strict.until(lambda: strict.is_open(number))


def test_what_somebody_else_closed_is_not_ours_to_open(home: House) -> None:
    """A maintainer's close stands; the author learns so by a reaction, a maintainer in words."""
    number = home.open()
    home.until(lambda: len(home.comments(number)) == 1)
    home.github.act("root", "close", number)
    home.settle()
    home.say(number, "/reopen")
    home.until(lambda: home.reactions(number) == ["THUMBS_DOWN"])
    assert not home.is_open(number)
    assert len(home.comments(number)) == 1
    home.say(number, "/reopen", by="tria")
    home.until(lambda: home.reactions(number) == ["THUMBS_DOWN"] * 2)
    assert not home.is_open(number)
    assert "not closed by the migration" in home.comments(number)[1]


def test_talk_about_commands_does_nothing(strict: House) -> None:
    """Quoting our notice is no command, and neither is a program's word."""
    number = closed(strict)
    strict.say(number, "> - `/reopen` opens it\n\nWhat does `/reopen` do?")
    strict.say(number, "/reopen", by="rex")
    strict.settle()
    assert not strict.is_open(number)
    assert strict.reactions(number) == []


def test_still_here_cancels_a_close_that_is_to_come(home: House) -> None:
    """A pull request in its grace stays open for good."""
    number = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    home.say(number, "/still-here")
    home.until(lambda: home.reactions(number) == ["THUMBS_UP"])
    home.settle()
    home.pass_time(days=30)
    home.apply_due()
    assert home.is_open(number)
    assert "stays open" in home.comments(number)[0]


def test_not_ours_from_the_author_asks_a_maintainer_to_look(strict: House) -> None:
    """It is opened again, and its verdict waits for a person."""
    number = closed(strict)
    strict.say(number, "/not-widget")
    strict.until(lambda: strict.reactions(number) == ["THUMBS_UP"])
    assert strict.is_open(number)
    answer = strict.context.store.verdicts.answers()[f"{SOURCE}#{number}"]
    assert (answer.by, answer.ownership) == ("amy", Ownership.UNSURE)


def test_not_ours_from_the_project_takes_the_notice_back(strict: House) -> None:
    """It is the answer: open again, and the notice says that it was taken back."""
    number = closed(strict)
    strict.say(number, "/not-widget", by="tria")
    strict.until(lambda: strict.reactions(number) == ["THUMBS_UP"])
    assert strict.is_open(number)
    assert "Reverted" in strict.comments(number)[0]
    answer = strict.context.store.verdicts.answers()[f"{SOURCE}#{number}"]
    assert (answer.by, answer.ownership, answer.part) == ("tria", Ownership.NOT_OURS, "widget")


def test_a_notice_that_was_taken_back_holds_again_when_the_project_says_so(home: House) -> None:
    """Two maintainers disagree, back and forth: the one notice is reworded each time, and says
    what is true now."""
    number = home.open()
    home.until(lambda: len(home.comments(number)) == 1)
    first = home.comments(number)[0]
    for turn, (command, text) in enumerate(
        (("/not-widget", "Reverted by tria"), ("/widget", first)) * 2, start=1
    ):
        home.say(number, command, by="tria")
        home.until(lambda turn=turn: home.reactions(number) == ["THUMBS_UP"] * turn)  # type: ignore[misc]
        assert [text in comment for comment in home.comments(number)] == [True]
    assert home.comments(number) == [first]


def test_a_close_that_was_taken_back_is_not_announced_again(strict: House) -> None:
    """Ours after all, and open: people spoke for it."""
    number = closed(strict)
    for turn, command in enumerate(("/not-widget", "/widget"), start=1):
        strict.say(number, command, by="tria")
        strict.until(lambda turn=turn: strict.reactions(number) == ["THUMBS_UP"] * turn)  # type: ignore[misc]
    assert strict.is_open(number)
    assert len(strict.comments(number)) == 1
    assert "stays open: tria commented on" in strict.comments(number)[0]


def test_ours_from_the_project_welcomes_what_was_not_recognised(home: House) -> None:
    """A maintainer's word beats text and labels; the notice follows at once."""
    number = home.open("Help", "Something is off.")
    home.settle()
    assert home.comments(number) == []
    home.say(number, "/widget", by="tria")
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    assert home.reactions(number) == ["THUMBS_UP"]


def test_ours_is_not_for_authors(home: House) -> None:
    """Whose an item is, is the project's to say."""
    number = home.open("Help", "Something is off.")
    home.say(number, "/widget")
    home.until(lambda: home.reactions(number) == ["THUMBS_DOWN"])
    assert f"{SOURCE}#{number}" not in home.context.store.verdicts.answers()


def test_help_lists_the_commands_to_the_author(home: House) -> None:
    """It is the one command whose answer is words."""
    number = home.open("Help", "Something is off.")
    home.say(number, "/migrate-help")
    home.until(lambda: home.reactions(number) == ["THUMBS_UP"])
    (words,) = home.comments(number)
    assert all(
        name in words
        for name in ("/still-here", "/reopen", "/not-widget", "/widget", "/migrate-help")
    )


@pytest.mark.parametrize("comment_ids", ["kept", "new"])
def test_a_command_that_waits_while_its_issue_is_transferred_is_answered_there(
    tmp_path: Path, comment_ids: str
) -> None:
    """Once, whatever ids the comments have at the new place; what was answered before is not
    answered again."""
    with house(tmp_path) as quiet:
        number = quiet.open()
        quiet.handle(number, Trigger.ARRIVAL)
        quiet.pass_time(minutes=1)
        quiet.say(number, "/still-here")
        quiet.handle(number, Trigger.COMMANDS)
        assert quiet.reactions(number) == ["THUMBS_UP"]
        quiet.say(number, "/reopen")
        quiet.pass_time(minutes=1)
        quiet.github.control("POST", "transfers", json={"comment_ids": comment_ids})
        quiet.github.act("root", "transfer", number, SOURCE, to=TARGET)
        place = int(quiet.github.item(number)["moved_to"]["number"])
        assert "there: commands: 1 comments answered" in quiet.handle(number, Trigger.COMMANDS)
        assert quiet.reactions(place, TARGET) == ["THUMBS_UP", "THUMBS_UP"]
        quiet.handle(place, Trigger.COMMANDS, repository=TARGET)
        assert quiet.reactions(place, TARGET) == ["THUMBS_UP", "THUMBS_UP"]
        assert len(quiet.comments(place, TARGET)) == 1


def test_commands_act_at_the_new_place_of_a_transferred_issue(home: House) -> None:
    """With the target's rights, and once: those that were given before it moved are not followed
    again."""
    number = home.open()
    home.until(lambda: len(home.comments(number)) == 1)
    home.say(number, "/migrate-help")
    home.until(lambda: home.reactions(number) == ["THUMBS_DOWN"])
    home.settle()
    home.pass_time(minutes=1)
    home.github.act("root", "transfer", number, SOURCE, to=TARGET)
    home.settle()
    place = int(home.github.item(number)["moved_to"]["number"])
    replies = len(home.comments(place, TARGET))
    home.pass_time(minutes=1)
    home.say(place, "/not-widget", by="root", repository=TARGET)
    home.until(lambda: home.reactions(place, TARGET) == ["THUMBS_DOWN", "THUMBS_UP"])
    home.settle()
    assert len(home.comments(place, TARGET)) == replies
    answer = home.context.store.verdicts.answers()[f"{TARGET}#{place}"]
    assert (answer.by, answer.ownership) == ("root", Ownership.NOT_OURS)
