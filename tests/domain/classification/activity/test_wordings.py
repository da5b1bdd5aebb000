"""One meaning in many wordings: typos, thanks, links, quotations and code around it change
nothing about whose turn it is."""

from __future__ import annotations

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.evidence import ActivityVerdict
from tests.domain.classification.activity.test_turns import FILE, thread
from tests.support.threads import OWN, after

ANSWERED = ("M", "You can close the valve before you change the washer.")
ASKED = ("M", "Could you please share a photo of the valve?")
PROMISED = ("M", "This is a bug, we will fix it.")
REPRODUCED = ("M", "I was able to reproduce the leak, please find the [gist](https://g.example).")


def verdict_after(*said: tuple[str, str]) -> ActivityVerdict:
    """The verdict long after the last of these comments."""
    return judging.judge(thread(*said), FILE, now=after(400), own=OWN)


def turn_after(*said: tuple[str, str]) -> str:
    """Whose turn it is long after the last of these comments."""
    return verdict_after(*said).awaiting


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, that solved my problem!",
        "Thank you, your idea sloved my issue, thank you very much.",
        "I have solved the issue. I changed the washer.",
        "Fixed after I changed the washer.",
        "solved",
        "PR merged, close now",
        "It looks like version 1.2 has fixed this problem.",
        "After upgrading to 2.0.3 the problem went away.",
        "I don't see this error anymore. Thanks @mia!",
        "This doesn't seem to happen anymore with the new valve.",
        "Hey,\n\ngot it working now\nthanks",
        "Yes, that looks good.",
        "Thanks, that works with the new valves.",
        "Great, this worked like a charm.",
        "Awesome, thanks!",
        "ok thanks",
        "Thx for the quick reply",
        "Yes, you can close this issue, your suggestion is working to me.",
        "I was only unsure about the size, but feel free to close the issue.",
        "It was my mistake, sorry for the noise.",
        "> Could you try the blue handle?\n\nI was able to fix it with the blue handle.",
        "Problem solved by the new washer.\n\n```python\nassert not leaks\n```",
        "I could finally solve the problem, so this can be closed.\n\nOn Mon, Mia wrote:\n> Try it",
        "My bad, I figured it out.",
        "For anyone facing the same issue, I was able to solve it with a new pipe.",
    ],
)
def test_an_author_says_in_many_words_that_the_trouble_is_over(text: str) -> None:
    """Nobody waits for anybody then."""
    assert turn_after(ANSWERED, ("A", text)) == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but the tap still drips.",
        "It works if I hold the handle, otherwise not.",
        "Once the PR is merged I will turn it again.",
        "I hope that the change was merged for the next release.",
        "I solved it by downgrading to 1.4, which is no solution.",
        "Setting `slow=True` is a workaround. The bug is still there.",
        "I fixed the typo in my description. The drip is the same.",
        "I have fixed the random seed, and the numbers differ.",
        "This can be fixed by a check in the first line of the function.",
        "It was working for me in version 1.14.",
        "I can't get it to work anymore.",
        "I don't have the old pipe anymore.",
        "Any update on this?",
        "Is this solved in the new version?",
        "No, it does not work.",
        "Thanks for the answer. Does it hold for old taps, too?",
        "I tried your suggestion and now another error shows up: `ValueError`.",
        "The first error is gone, but the second one remains.",
        "Please don't close this issue.",
        "Why did you close this?",
        "I try to use the tap in the garden, and it drips.",
        "Here is the photo: https://photos.example.org/1. I will let you know if I find more.",
        "ping",
        "@mia any news? It is closing time for our release.",
        "> it works now\n\nNot for me.",
        "```\nit works now\n```\nThis is the log.",
    ],
)
def test_an_author_who_is_not_helped_waits_for_the_project(text: str) -> None:
    """A condition, a workaround, a question or a quoted success is no success."""
    assert turn_after(ANSWERED, ("A", text)) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "I will try it tomorrow and let you know.",
        "Thanks for your reply.\nThat is strange. I will dig deeper into this and update you.",
        "ok i will going for it",
        "Sure, I'll send a pull request.",
        "I found more drips.\n- will upload a link to the photo sometime.",
        "Let me check with the new washer, I will report back.",
    ],
)
def test_an_author_who_will_see_to_it_keeps_the_turn(text: str) -> None:
    """What was promised by the author is waited for."""
    assert turn_after(ASKED, ("A", text)) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "This is now fixed.",
        "Fixed; also added a test. https://github.com/big/house/commit/1f2e3d4",
        "Fix at `master`.",
        "I just pushed a fix.",
        "The pull request for this was merged and the output is as expected.",
        "This has been fixed in the nightly builds.",
        "This should now be fixed.",
        "We released a new version with the washer.",
    ],
)
def test_a_fix_that_is_done_ends_a_promise(text: str) -> None:
    """Nobody has to do anything, unless the author is asked to look at it."""
    assert turn_after(PROMISED, ("M", text)) == "nobody"
    assert turn_after(REPRODUCED, ("M", text)) == "nobody"
    assert turn_after(PROMISED, ("M", f"{text} Please let us know if it helps.")) == "author"
    assert turn_after(PROMISED, ("M", text), ("A", "Thank you!")) == "nobody"
    assert turn_after(PROMISED, ("M", text), ("A", "It still drips.")) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "Merged. Thanks!",
        "These links have been fixed upstream: https://example.org/links",
        "This link has been removed.",
        "We have updated the example. As a bit of explanation, `flow` returns a list.",
        "The documentation of the valve is now updated.",
        "The webpage was updated and all the links work now.",
        "Thanks for the fix!",
        "This valve has now been added in Taps 2.4.",
        "The valve is now available with Taps 2.4",
        "The fix is in `taps-nightly`, you can now just turn it.",
    ],
)
def test_a_page_or_a_link_that_was_put_right_settles_what_was_promised(text: str) -> None:
    """The report asked for nothing else."""
    assert turn_after(("M", "Thanks, we will take a look."), ("M", text)) == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "yes, it's not a bug, I misunderstood the manual, sorry for the trouble",
        "Sorry, it was the problem of my landlord.",
        "I used the wrong washer. Hence, everything is fine now and the sink works well.",
        "Nevermind, it's not a tap problem, it's a pipe problem.",
        "Closed after some investigation. It is a bit surprising, though!",
        "Closing this but there seem to be similar drips upstairs, see #97.",
        "Closed by https://github.com/big/house/pull/46",
        "Duplicate of #57",
        "The new washer is thicker, so this is no bug, only another washer.",
        "Sorry, I found it. The handle was the problem, I seem to have used it wrongly.",
        "Found the answer in #101, it works now.",
        "Created a pull request that supersedes this.",
        "The handle is gone, so I close this issue.",
        "I can confirm that this leak is fixed in `1.14.0`: every tap now says\n```\ndry\n```",
        "Yes it appears to be fixed in nightly.\n\nthanks!",
        "Using the new washer solved error for me.",
    ],
)
def test_an_author_takes_the_report_back(text: str) -> None:
    """Whether or not anybody had answered."""
    assert turn_after(("A", text)) == "nobody"
    assert turn_after(ASKED, ("A", text)) == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "Closed by mistake.",
        "Closing this issue would be wrong.",
        "Everything works fine in version 1.14.",
        "It works like a charm with the old tap.",
        "It was fixed in 2.0 and broke in 2.1.",
        "Is this a duplicate of #57?",
        "You misunderstood me.",
        "It is no bug that I can live with.",
        "It drips when I set the handle wrong.",
        "I hope this will be fixed in 2.1.",
        "This has to be fixed in `taps`.",
        "It could be fixed in master.",
        "I hope it will soon be solved.",
        "Sorry, I found the same problem in 2.1.",
    ],
)
def test_an_author_who_only_seems_to_take_it_back_waits_for_the_project(text: str) -> None:
    """A mistake, a condition, a question."""
    assert turn_after(ANSWERED, ("A", text)) == "maintainers"


def test_what_is_on_a_list_is_not_done() -> None:
    """Nor is a fix for which a maintainer would be thankful."""
    for text in (
        "This has been added to our list.",
        "Thanks for the fix, we will merge it.",
        "A workaround is now available in 2.4.",
    ):
        assert turn_after(("M", "We will take a look."), ("M", text)) == "maintainers"


def test_another_maintainer_explains_what_one_saw_happen() -> None:
    """That is what came of it; what whoever saw it adds is no answer yet, and a promise stays."""
    seen, why = "I am able to reproduce it, please find the gist here.", "You have to turn it left."
    assert turn_after(("M", seen), ("T", why)) == "author"
    assert turn_after(("M", seen), ("M", why)) == "maintainers"
    assert turn_after(("M", "We will fix it."), ("T", why)) == "maintainers"


def test_what_also_happens_elsewhere_explains_nothing() -> None:
    """It was seen once more."""
    seen, more = "I am able to reproduce it.", "It happens with the other tap as well it seems."
    assert turn_after(("M", seen), ("T", more)) == "maintainers"


def test_who_agrees_still_owes_what_was_agreed_to() -> None:
    """Also where the same comment leaves the close to the author."""
    said = (
        "I agree, we will fix it in 2.5. Please close the issue if you have no further questions."
    )
    assert turn_after(("M", said)) == "maintainers"


def test_an_author_who_has_not_tried_yet_keeps_the_turn() -> None:
    """What the project asked for is still to come."""
    said = ("A", "I have not tested it yet.")
    assert turn_after(("M", "Does this work with the new tap?"), said) == "author"


@pytest.mark.parametrize(
    "text", ["It is not there yet, so please do not close it.", "Please reopen."]
)
def test_whoever_asks_not_to_close_opens_the_matter_again(text: str) -> None:
    """Also somebody who is not the author."""
    closed = ("M", "Closing this issue as it is resolved. Thanks!")
    assert turn_after(closed) == "nobody"
    assert turn_after(closed, ("O", text)) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "@rosa any reason why the valve is not listed?",
        "@rosa do you have thoughts on this?",
        "Seems odd to me, can you comment on this @rosa? Thanks!",
        "@rosa Can this be done without a new pipe?",
        "@rosa, could you take a look at this please?",
        "@rosa Is this already supported in the new pipes?",
        "This asks for a new pipe, so I think @rosa is the better assignee.",
        "@rosa\n can you take a look into this.",
        "@rosa\n@tom : Mind taking a look?",
        "@rosa what's the status of this leak?",
        "@rosa hey, are you still working on this?",
        "@rosa Does this look right to you?",
        "@rosa might be able to provide details here.",
        "@rosa, have we considered this?",
        "@rosa a gentle reminder. Unless we can close this @tom\n?",
        "@rosa Is there an easy way to name them, so that nobody guesses tap vs. pipe?",
        "@rosa, I've heard you mention this tool. Do you know what the current status is?",
        "@rosa do you have any insights? I don't see the problem with the newest tap.",
        "@rosa please add Leak and Tap to this topic",
        "It comes from the pump. Can @rosa\n take a look?",
        "@rosa, has this leak been mended? The last comment of #12 says that it is fixed in 1.7.",
    ],
)
def test_what_a_colleague_is_asked_is_not_asked_of_the_author(text: str) -> None:
    """Even if the colleague never wrote in the thread."""
    assert turn_after(("M", text)) == "maintainers"
    assert turn_after(ASKED, ("A", "Here it is."), ("M", text)) == "maintainers"


def test_whom_the_author_called_is_not_the_author() -> None:
    """A question to an account that the author called by "cc", or that wrote in the thread."""
    question = ("M", "@rosa could you tell which pipe that is?")
    assert turn_after(("A", "cc @rosa"), question) == "maintainers"
    assert turn_after(question) == "author"  # an old name of the author, for all that is known
    assert turn_after(("A", "@rosa Thanks, I tried that."), question) == "author"
    assert turn_after(("M", "@rosa Can this be closed?")) == "author"
    assert turn_after(("M", "@ada could you tell which pipe that is?")) == "author"
    assert turn_after(("M", "As @rosa said, could you tell which pipe that is?")) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "Yes, that was it, very simple! Thanks a lot!",
        "Thank you, I replaced it and it's working fine",
        "Of course, this isn't a bug at all! My bad, thanks!",
        "Sorry, you're right. It looks like I have the old model.",
        "Ok, I moved it. I close this one now, thanks!",
        "It concerns taps in general, see #63. I resolve this one.",
    ],
)
def test_an_author_ends_the_matter_after_what_anybody_said(text: str) -> None:
    """Most of those who help are no maintainers."""
    assert turn_after(("O", "Perhaps the washer is missing?"), ("A", text)) == "nobody"


def test_what_is_still_a_bug_is_not_settled_by_a_close_for_now() -> None:
    """A doubt keeps the item open."""
    text = (
        "This is still a bug, and expected to be fixed with the new pipes. I'll close this for now."
    )
    assert turn_after(("M", text)) == "maintainers"


def test_a_change_that_waits_for_its_merge_keeps_the_item_with_the_project() -> None:
    """The author of the change is somebody else."""
    text = "Thanks for sending the PR, the issue will be closed once it is merged."
    assert turn_after(("M", text)) == "maintainers"


def test_what_was_seen_with_an_old_version_and_is_gone_in_a_new_one_is_answered() -> None:
    """Though it was reproduced in the same comment."""
    text = "I could reproduce it with 2.1. With 2.3 it seems to be fixed. Could you please update?"
    assert turn_after(("M", text)) == "author"


@pytest.mark.parametrize(
    "text",
    ["See https://house.example/taps", "Perhaps a second valve can help you achieve this."],
)
def test_a_hint_is_an_answer(text: str) -> None:
    """Also a page without another word."""
    assert turn_after(("M", text)) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "Can you send me a PR with a fix?",
        "It is definitely possible, and contributions implementing it are welcome.",
        "Sure. You can raise a PR to update it.",
        "We'd love to have help with the manual.",
    ],
)
def test_an_invitation_to_fix_it_keeps_the_item_with_the_project(text: str) -> None:
    """What is wrong stays wrong whoever mends it. Once the author agrees it is the author's."""
    assert turn_after(("M", text)) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "I already have done it internally, it will push soon.",
        "I think this is the plan. It's just not quite implemented yet.",
        "There is an effort to make the valve work with old pipes.",
        "I think this would be fixed by #43",
        "The problem persists.",
        "Actually no washer is needed there. I'm updating it.",
    ],
)
def test_an_announcement_keeps_the_item_with_the_project(text: str) -> None:
    """Also after a question, and after thanks."""
    assert turn_after(ASKED, ("M", text)) == "maintainers"
    assert turn_after(("M", text), ("A", "Awesome, thanks!")) == "maintainers"


def test_an_author_who_tries_somebody_elses_fix_owes_the_project_nothing() -> None:
    """No maintainer has said anything yet."""
    fix = ("O", "@rosa I have submitted a PR to fix this: https://github.com/big/house/pull/16")
    assert turn_after(fix, ("A", "I will try as soon as I can")) == "maintainers"


def test_what_the_author_will_see_is_not_what_a_maintainer_saw() -> None:
    """A setting was suggested."""
    text = "By turning the handle you should be able to see the washer."
    assert turn_after(("M", text)) == "author"


def test_explanations_after_a_close_do_not_open_the_matter_again() -> None:
    """Nor does a survey that a bot's text carries."""
    closed = ("M", "Closing this issue as it has been resolved in the latest version.")
    assert turn_after(
        closed, ("M", "Are you satisfied with the answer? [Yes](https://s.example)")
    ) == ("nobody")
    assert turn_after(closed, ("M", "Please open a new issue if you see it again.")) == "nobody"
    assert turn_after(closed, ("O", "Version 1.8: still wrong.")) == "maintainers"


def test_a_signature_of_mail_says_nothing() -> None:
    """Nor does the header that a mail program broke in two."""
    text = (
        "Thank you for the update.\n\nOn Thu, Jul 6, 2017 at 12:39 PM, Mia <mia@house.example>\n"
        "wrote:\n\n-- \n*Ada*\nPlease visit the shop for pipes"
    )
    assert turn_after(("M", "This is fixed."), ("A", text)) == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "This is not fixed yet.",
        "I will let you know once it is fixed.",
        "This needs to be fixed in the washer.",
        "It was fixed in 1.14, but it broke again in 2.0.",
        "The fix has been merged, but we had to revert it again.",
        "Has this been fixed?",
        "It looks as if it has been fixed on the latest commit, can someone give it a try ？",
        "A first part of the fix went in last night, the rest will follow.",
        "I hope to have it merged next week.",
        "Meanwhile you can use the blue handle.",
    ],
)
def test_a_fix_that_is_not_done_leaves_a_promise_as_it_is(text: str) -> None:
    """Only what is done ends what was promised."""
    turns = {turn_after(PROMISED, ("M", text))}
    assert turns == ({"author"} if text.endswith("?") else {"maintainers"})


@pytest.mark.parametrize(
    "text",
    [
        "I'm going to close this issue for now. Please let us know if you see more drips.",
        "We will close this issue as it was resolved. Thanks!",
        "There's nothing to do here, so I'll close the issue.",
        "Closing this as the pipe is not ours.",
        "I did not see it here, will assume this has been solved and close this issue for now.",
    ],
)
def test_a_maintainer_who_ends_the_matter_leaves_nobody_with_a_turn(text: str) -> None:
    """A close with a reason is the last word."""
    assert turn_after(("M", text)) == "nobody"
    assert turn_after(("M", text), ("A", "It still drips with the new pipe.")) == "maintainers"
    assert turn_after(("M", text), ("O", "I have the same problem.")) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "Closing this issue due to lack of recent activity.",
        "Closing as there was no response for two weeks.",
        "Can we close this issue?",
        "I will close the valve and look again.",
        "Please do not close this, I am on it.",
    ],
)
def test_a_close_for_want_of_a_reply_settles_nothing(text: str) -> None:
    """What was confirmed before is still to be done."""
    assert turn_after(REPRODUCED, ("M", text)) in ("maintainers", "author")
    assert turn_after(REPRODUCED, ("M", text)) != "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for the report. We have a fix, it will show up on GitHub soon.",
        "There it is, but with a bug at the moment.",
        "Not yet.",
        "I am in favor of this handle.",
        "That seems like a useful addition to the manual.",
        "It makes sense to support this.",
        "The leak is replicating with 2.0. Please find the [gist](https://g.example). Thanks!",
        "I am seeing the same drip with the blue and the red one, too. I can reproduce it.",
        "Feel free to open a pull request.",
        "We track this internally.",
        "A fix needs a change in many places. Until then you can use the blue handle.",
        "As a temporary workaround please close the valve.",
        "For now you have to close the valve yourself.",
    ],
)
def test_a_maintainer_acknowledges_in_many_words(text: str) -> None:
    """Then the author is not asked for anything."""
    assert turn_after(("M", text)) == "maintainers"


@pytest.mark.parametrize(
    ("question", "reply", "turn"),
    [
        (
            "Is it the mean since the start or since the last turn?",
            "From the last turn on: the sum divided by the number of drips so far.",
            "author",
        ),
        ("Any news?", "The plumber was away for a few days with a cold.", "maintainers"),
        ("Could you look at it again?", "The plumber was away for some days.", "maintainers"),
        ("Is it the mean?", "Hm.", "maintainers"),
        ("It is the mean.", "The plumber was away for a few days with a cold.", "maintainers"),
    ],
)
def test_what_follows_a_question_of_the_author_answers_it(
    question: str, reply: str, turn: str
) -> None:
    """A question for news or for work is not answered by talk."""
    assert turn_after(("A", question), ("M", reply)) == turn


@pytest.mark.parametrize(
    "text",
    [
        "I don't have access to the drive, please share a public link.",
        "I ran the code and see another error, share a colab gist with the error faced.",
        "Would you mind to push a change for that?",
        "How are you running this code?",
        "What environment are you using?",
        "Tried to reproduce it with 2.2 but I am not running into any issues. Please find the "
        "[gist](https://g.example). Thanks!",
        "I executed the code with the other approach and it ran without error.",
        "I guess that you changed the pipe after the measurement. Hence the names differ.",
        "Yes, the number is the loss, which can vary.",
        "Upgrade to 0.14.1 or newer.",
        "Explained in the manual.",
        "Install the nightly and it will work.",
    ],
)
def test_a_maintainer_asks_and_answers_in_many_words(text: str) -> None:
    """The author is the next to speak."""
    assert turn_after(("M", text)) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "@rosa\nPlease provide the size of the pipe.",
        "@rosa\n, did you turn the handle? Could you please share a photo?",
        "@rosa Which version of the tap is it?",
        "Hi @rosa,\nwhat exactly do you mean by that?",
        "@rosa does this drip still occur with the new tap?",
        "@rosa , please submit this issue to the repository of the pump.",
        "@rosa would you please point me to the page you were on when you saw the drip?",
    ],
)
def test_what_only_the_author_can_tell_is_asked_of_the_author_by_any_name(text: str) -> None:
    """People rename their accounts, and copied threads hide the names."""
    assert turn_after(("M", text)) == "author"


@pytest.mark.parametrize("text", ["Yes, the handle is wrong there.", "Sure. We have to apply."])
def test_a_yes_is_said_to_the_colleague_who_asked(text: str) -> None:
    """Nothing is answered by that; what goes on to explain is."""
    asked = ("T", "@mia is there an easy way to say so on the label?")
    assert turn_after(asked, ("M", text)) == "maintainers"
    assert turn_after(asked, ("M", "You can turn the handle to the left.")) == "author"


@pytest.mark.parametrize(
    ("side", "answer"),
    [
        ("So any news?", "Other than the workaround posted above, no."),
        ("Should I change the other tap, too?", "No. This is the only one that has to change."),
        ("I can pull together a PR with the washer.", "Great! You can look at the other taps."),
    ],
)
def test_what_somebody_else_asked_on_the_side_answers_no_author(side: str, answer: str) -> None:
    """Nor does it take the turn back that the author had."""
    assert turn_after(("O", side), ("M", answer)) == "maintainers"
    assert turn_after(("O", "It drips here."), ("M", "You can turn it to the left.")) == "author"
    assert turn_after(("A", side), ("M", answer)) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "Yes, I can look into it.",
        "Ill take a look ASAP.",
        "Preparing a cl internally that will resolve this.",
        "Rui from my team is going to take a look at this.",
        "Someone should probably track this down.",
        "Yes, these docs have gotten out of sync.",
        "I agree that this is a problem.",
        "A converter for this valve may need some time. I'd suggest to avoid the valve.",
        "Current work-around is to turn it by hand although a PR would be welcome.",
        "PRs improving the manual are welcome!",
        "We'd welcome a contribution that makes the manual clearer.",
        "Once the valve checks its pressure this should be considered fixed.",
        "It was an oversight and we can change it.",
        "But it hasn't been merged yet.",
        "The next step is a new valve, but I haven't had the chance to do that yet.",
        "For whoever looks at this next: I fixed the gauge, so it is easy to test.",
        "Reopening the issue. Can refer to the number of the change once there is one.",
        "That looks like a plan. It does look odd, though.",
        "This has been fixed on this branch. I'll leave this issue open until it is merged.",
        "Yep, I still get drips that appear to be more or less the same.",
        "Can you actually push a fix and a test for this?",
        "Let's get the other change done before we look at this more.",
        "This is partially addressed by #12.",
        "I keep investigating. If you drop the washer, it works as intended.",
        "The change is for the red tap. The blue one hasnt been fixed yet.",
        "Fixed in my branch, will be merged later.",
        "Yes, a minor bug that was unnoticed. Easy fix.",
        "We were unable to see it drip on the wall. I will try to test it on the floor now.",
        "Did we mend this?",
        "This is kind of expected. We can solve this by a washer. We should probably do it.",
        "As we investigate and fix this, you can use the other tap.",
        "The paths are by design. We should more thoroughly test this tap and address it there.",
        "OK. We first need to investigate which washers fit. You can use any.",
        "Let's get a better message on the tap. Reopening.",
        "We'll try to change this, and not use the valve.",
        "You're definitely right here.",
        "Do you see the label? I can confirm it for the other taps, and will take a look.",
        "We should provide a washer in the future. You can use the old one.",
        "It may not drip on the wall. Need to investigate.",
        "It works fine in the kitchen. Working with the plumber to locate the root cause.",
        "@rosa could you please help, and feel free to change the label if it isn't a bug.",
        "The tap is old. I need to find one and debug it.",
    ],
)
def test_what_the_project_still_owes_keeps_the_item_with_it(text: str) -> None:
    """However friendly the way round that is named beside it."""
    assert turn_after(("M", text)) == "maintainers"


def test_an_author_who_got_it_to_work_may_still_wish_for_a_better_page() -> None:
    """The report was about the page."""
    text = "I got this working. If someone could update the guide, that would have been easier."
    assert turn_after(("O", "You have to make the file."), ("A", text)) == "maintainers"


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("Sure, will do. Is 1.8 current enough?", "author"),
        ("I don't think I have the photo around anymore. I'll see if I can find it.", "author"),
        ("Yes sure, will try it out.", "author"),
        ("I would be fine with closing this issue for now.", "nobody"),
    ],
)
def test_an_author_agrees_in_passing(text: str, turn: str) -> None:
    """To try it, or to a close."""
    assert turn_after(ASKED, ("A", text)) == turn


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("Sadly, we don't have an active maintainer for that tap.", "author"),
        ("Just add the washer to your handle.", "author"),
        ("Could we get a photo of the tap?", "author"),
        ("Added better documentation and an example to the page of the valve.", "nobody"),
        ("I'm closing for now, please reopen if it doesn't work for you.", "nobody"),
    ],
)
def test_more_ways_to_refuse_to_explain_and_to_end(text: str, turn: str) -> None:
    """Each was read as something else before."""
    assert turn_after(("M", text)) == turn


@pytest.mark.parametrize(
    "text",
    [
        "That's really unexpected. See this issue of the pump.",
        "The handle resets twice because its flag is set. This way of resetting is wrong.",
    ],
)
def test_what_only_tells_of_trouble_answers_nobody(text: str) -> None:
    """However it is explained, unless it speaks to the author or advises."""
    assert turn_after(("M", text)) == "maintainers"
    assert turn_after(("M", f"{text} Please use the other tap.")) == "author"
    assert turn_after(("M", f"{text} You can use the other tap.")) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "It drips because the washer is worn.",
        "The handle has three positions, and the third one is for the garden.",
    ],
)
def test_an_explanation_that_tells_nobody_what_to_do_closes_nothing(text: str) -> None:
    """It is the author's turn, and yet nobody said that this settles the matter."""
    explained = verdict_after(("M", text))
    assert (explained.awaiting, explained.unanswered) == ("author", True)
    assert [each.value for each in explained.evidence if each.signal == "unanswered"] == [
        "a maintainer explained it, and asked and advised nothing"
    ]
    for advice in (
        "Please use the other tap.",
        "Can you remove it and try again?",
        "If you call the plumber it stops.",
        "A quick workaround is to close the valve.",
        "More concisely, use the valve.",
        "It is described in the manual here: https://manual.example.org.",
        "I could not reproduce it.",
    ):
        assert not verdict_after(("M", f"{text} {advice}")).unanswered
    for settled in (
        [("M", "You can use the other tap."), ("M", text)],
        [ASKED, ("M", text)],
        [("M", text), ("A", "Thank you!")],
        [("M", text), ("A", "I'll try the other one.")],
    ):
        assert not verdict_after(*settled).unanswered


def test_a_user_says_that_the_change_breaks_something() -> None:
    """That is no remark."""
    closed = ("M", "Fixed in 2.0.")
    assert turn_after(closed, ("O", "This breaks the tap of my neighbour.")) == "maintainers"


@pytest.mark.parametrize(
    "text",
    ["Possibly, on the large pipe.", "Yes, it is the size of the pipe.", "O_o"],
)
def test_a_question_that_a_colleague_takes_up_was_not_for_the_author(text: str) -> None:
    """Unless that asks the author again, or settles the matter."""
    asked = ("T", "I see, does that stop the water then?")
    assert turn_after(asked) == "author"
    assert turn_after(asked, ("M", text)) == "maintainers"
    assert turn_after(asked, ("T", text)) == "author"
    assert turn_after(asked, ("M", "You can use the other tap.")) == "author"
    assert turn_after(asked, ("M", "Fixed in 2.0.")) == "nobody"


def test_who_would_like_to_see_it_happen_has_not_seen_it() -> None:
    """So the author's promise counts."""
    wish = ("M", "Would be good to be able to reproduce this.")
    assert turn_after(ASKED, wish, ("A", "I'll see if I can do it again.")) == "author"
