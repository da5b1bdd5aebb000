"""The notices: short, true, personal, and harmless whatever the item holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError
from markdown_it import MarkdownIt

from migrator.domain.decisions import Decided
from migrator.domain.evidence import (
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    MaintainerReply,
    OwnershipVerdict,
    ReplyKind,
)
from migrator.domain.items import Actor, Item, ItemKind
from migrator.domain.marker import find_markers, with_nonce, without_markers
from migrator.domain.notices import NoticeChange, NoticeEdit, Notices, prepare
from migrator.domain.notices.notices import environment
from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError

NONCE = "ab" * 16
Make = Callable[..., Item]
Decide = Callable[..., Decided]
Owns = Callable[..., OwnershipVerdict]
Lives = Callable[..., ActivityVerdict]
DECISIONS = ("redirect", "retire", "ask", "port", "clear", "welcome")
HTML = MarkdownIt("commonmark")


class Post:
    """Renders one notice, with everything not named being ordinary."""

    def __init__(
        self,
        file: MigrationFile,
        now: datetime,
        item: Make,
        pull: Make,
        decided: Decide,
        owns: Owns,
        lives: Lives,
    ) -> None:
        self.file, self.now, self.item, self.pull = file, now, item, pull
        self.decided, self.owns, self.lives = decided, owns, lives

    def __call__(
        self,
        decision: str,
        item: Item | None = None,
        *,
        served: bool = True,
        file: MigrationFile | None = None,
        **fields: object,
    ) -> str:
        """The text; ``fields`` are those of the decision, and ``ownership`` and ``activity``."""
        verdicts = {name: fields.pop(name) for name in ("ownership", "activity") if name in fields}
        default = self.pull() if decision == "port" else self.item()
        return prepare(file or self.file, commands_served=served).render(
            item or default,
            self.decided(decision, **fields),
            verdicts.get("ownership") or self.owns(),  # type: ignore[arg-type]
            verdicts.get("activity") or self.lives(),  # type: ignore[arg-type]
            now=self.now,
        )


@pytest.fixture
def post(
    file: MigrationFile,
    now: datetime,
    make_item: Make,
    make_pull: Make,
    decided: Decide,
    ownership: Owns,
    activity: Lives,
) -> Post:
    """Renders notices."""
    return Post(file, now, make_item, make_pull, decided, ownership, activity)


@pytest.fixture
def notices(file: MigrationFile) -> Notices:
    """The texts of the preset."""
    return prepare(file)


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_notice_names_the_old_and_the_new_address(post: Post, decision: str) -> None:
    """Rule 1 of a move: people learn where the code was and where it is."""
    text = post(decision)
    assert "https://github.com/tensorflow/tensorflow/tree/master/tensorflow/python/keras" in text
    assert "https://github.com/keras-team/keras\n" in text


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_notice_ends_with_a_marker_that_can_be_found_again(post: Post, decision: str) -> None:
    """After the nonce is drawn, the posted text is known by it."""
    (marker,) = find_markers(with_nonce(post(decision), NONCE))
    assert (marker.migration, marker.decision, marker.generation, marker.nonce) == (
        "keras",
        decision,
        1,
        NONCE,
    )


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_notice_is_short(post: Post, decision: str) -> None:
    """Beside the long refile address, a notice is read in a minute."""
    words = re.sub(
        r"\(https?://[^)]*\)|```.*?```", "", without_markers(post(decision)), flags=re.DOTALL
    ).split()
    assert len(words) < (330 if decision == "port" else 170)


@pytest.mark.parametrize("decision", DECISIONS)
def test_no_notice_promises_that_an_author_can_reopen(post: Post, decision: str) -> None:
    """GitHub lets authors reopen only what they closed themselves: we offer a command or a
    person, never their button."""
    for served in (True, False):
        text = post(decision, served=served).lower()
        assert not re.search(r"you (can|may) (re-?open|open it again)", text)


def test_a_stale_item_reads_why_with_the_event_and_its_date(post: Post) -> None:
    """The last person's act, who and when, and the bar."""
    text = post("retire")
    assert (
        "The last activity was on 3 March 2020 (octocat commented), at least 180 days ago." in text
    )


def test_an_item_that_waited_for_its_author_reads_the_shorter_term(
    post: Post, activity: Lives
) -> None:
    """The term that was really applied is named, not the general one."""
    text = post(
        "retire", activity=activity(stale_at=datetime(2020, 5, 2, tzinfo=UTC), awaiting="author")
    )
    assert "A label has waited for the author for at least 60 days." in text
    assert "180 days" not in text


@pytest.mark.parametrize(
    ("signal", "value", "words"),
    [
        ("milestone", "2.6", "kept active because it is in the milestone 2.6"),
        ("votes", "12 votes", "it has 12 votes"),
        ("assignee", "hubot", "hubot is assigned"),
        (
            "protecting_label",
            "stat:contribution welcome",
            "has the label `stat:contribution welcome`",
        ),
        ("something_new", "a reason", "because of a reason"),
    ],
)
def test_a_protected_item_reads_what_protects_it(
    post: Post, activity: Lives, signal: str, value: str, words: str
) -> None:
    """Old but alive: the notice says by what."""
    held = Evidence(signal=signal, says=Leaning.PROTECTS, value=value)
    assert words in post("redirect", activity=activity(held))


def test_the_turn_of_the_maintainers_is_said_plainly(post: Post) -> None:
    """An item that waits for them is not closed for its age, and the text says so."""
    assert "The maintainers have the next turn, so its age is no reason to close it." in post(
        "redirect", code="unanswered"
    )


def test_a_stale_item_reads_what_its_author_was_asked_and_where(
    post: Post, activity: Lives
) -> None:
    """Who asked, when, the sentence, and a link that leaves no backlink."""
    asked = MaintainerReply(
        kind=ReplyKind.ASKED,
        at=datetime(2020, 3, 1, tzinfo=UTC),
        actor="hubot",
        url="https://github.com/tensorflow/tensorflow/issues/4711#issuecomment-1",
        sentence="Could you share @code?",
    )
    text = post("retire", activity=activity(reply=asked, awaiting="author"))
    link = "https://redirect.github.com/tensorflow/tensorflow/issues/4711#issuecomment-1"
    assert (
        f"[hubot asked on 1 March 2020]({link}): \u201cCould you share @\u200bcode?\u201d The "
        "author has not replied." in text
    )


@pytest.mark.parametrize(
    ("fields", "few"),
    [
        ({"labels": ("type:support",)}, True),
        ({"labels": ("Question",)}, True),
        ({"title": "How to save an LSTM?"}, True),
        ({"title": "Typo in the docs of LSTM"}, True),
        ({"title": "Typo in the docs of LSTM", "labels": ("type:feature",)}, False),
        ({"title": "Feature request: a faster LSTM"}, False),
        ({"title": "LSTM returns NaN"}, False),
    ],
)
def test_a_question_and_a_correction_of_a_line_get_the_short_text(
    post: Post, make_item: Make, fields: dict[str, object], few: bool
) -> None:
    """They need no old location, no reason of ownership, and nobody is asked to try it again."""
    for decision in ("redirect", "retire"):
        text = post(decision, make_item(**fields))
        assert ("Old location" not in text and "is about Keras" not in text) is few
        assert "https://github.com/keras-team/keras\n" in text
    assert ("still happen with" in text) is (
        not few and "Feature" not in str(fields) and "feature" not in str(fields)
    )


def test_a_recent_word_is_named_as_the_reason_to_stay_open(post: Post) -> None:
    """Within the quiet days nothing is closed."""
    assert "That is too recent to close this issue." in post("redirect", code="quiet")


def test_a_maintainers_decision_is_said_without_its_private_reason(post: Post) -> None:
    """What a reviewer typed for us is not published; that a person decided is."""
    answer = Evidence(
        signal="reviewer",
        says=Leaning.NEUTRAL,
        value="author is annoying",
        at=datetime(2021, 6, 30, tzinfo=UTC),
    )
    text = post("retire", code="reviewer", deciding=answer)
    assert "A maintainer decided this on 30 June 2021." in text
    assert "annoying" not in text


@pytest.mark.parametrize(
    ("grounds", "words"),
    [
        (Grounds.LABEL, "This issue is about Keras: it has the label `comp:keras`."),
        (Grounds.PATH, "it changes `tensorflow/python/keras/a.py`."),
        (Grounds.MAINTAINER, "a maintainer said so on 1 April 2021."),
        (Grounds.REVIEWER, "a maintainer decided so."),
        (Grounds.TEXT, "its title mentions `LSTM`."),
        (Grounds.NONE, "this follows from its title and text."),
    ],
)
def test_a_notice_says_why_the_item_is_taken_for_the_moved_part(
    post: Post, ownership: Owns, grounds: Grounds, words: str
) -> None:
    """The strongest ground, in words that its author can check."""
    seen = {
        Grounds.LABEL: ("label.ours", "comp:keras"),
        Grounds.PATH: ("path.inside", "tensorflow/python/keras/a.py"),
        Grounds.MAINTAINER: ("thread.ours", "keras-team"),
        Grounds.TEXT: ("title.layer", "LSTM"),
    }
    april = datetime(2021, 4, 1, tzinfo=UTC)
    signal, value = seen.get(grounds, ("other", ""))
    other = Evidence(signal="zeal", says=Leaning.NOT_OURS, value="something else", weight=-9.0)
    evidence = (
        other,
        Evidence(signal=signal, says=Leaning.OURS, value=value, weight=6.0, at=april),
    )
    assert words in post("redirect", ownership=ownership(grounds, evidence=evidence))


def test_a_grace_is_named_as_a_day_that_stays_true_when_posting_takes_days(post: Post) -> None:
    """The text is frozen with the plan and posted later, so it says *not before*, and that a
    comment keeps it open."""
    text = post("retire", grace_days=14)
    assert "not before 15 July 2021" in text
    assert "Any comment before 15 July 2021 keeps it open." in text
    assert "/still-here" in text


def test_without_a_grace_the_close_is_said_to_happen_now(post: Post) -> None:
    """No day is named where none is given."""
    text = post("retire")
    assert "is closed here as part of the move" in text
    assert "not before" not in text
    assert "/still-here" not in text


def test_a_question_names_the_day_and_both_answers(post: Post) -> None:
    """What is asked, until when, how to answer, and what silence leads to."""
    text = post("ask", grace_days=14)
    assert "**Does it still happen with the current version?** Please answer before" in text
    assert "If nobody answers, this issue is closed, but not before that day." in text
    assert "before 15 July 2021" in text
    assert "- `/still-here` keeps this issue open\n- `/done` closes this issue as completed" in text
    assert "`/reopen`" not in text
    silent = post("ask", grace_days=14, served=False)
    assert "Any comment keeps it open." in silent


def test_commands_are_offered_for_what_is_done(post: Post) -> None:
    """Reopen where something closes, and the way out of a wrong verdict."""
    assert "`/reopen`" in post("retire")
    assert "`/reopen`" not in post("redirect")
    assert "`/not-keras`" in post("redirect")
    assert "`/not-keras`" not in post("clear")


@pytest.mark.parametrize("decision", DECISIONS)
def test_commands_are_not_promised_where_nothing_serves_them(post: Post, decision: str) -> None:
    """Without a listener the text names the human way of the migration file."""
    text = post(decision, served=False)
    assert not re.search(r"`/", text)
    assert "Please comment here, and a maintainer will look at it." in text


def test_a_file_that_promises_no_commands_gets_none(post: Post, file: MigrationFile) -> None:
    """The migration file has the last word, and without a contact only what is true anyway is
    said."""
    rules = file.notices.model_copy(update={"promise_commands": False, "human_contact": ""})
    text = post("retire", file=file.model_copy(update={"notices": rules}))
    assert "`/" not in text
    assert "people with triage rights in tensorflow/tensorflow" in text


def test_a_port_notice_has_the_commands_for_this_pull_request(post: Post) -> None:
    """Paths of the part, base and branch of the pull request, ready to paste."""
    text = post("port", grace_days=14)
    assert "git fetch https://github.com/tensorflow/tensorflow master" in text
    assert (
        "git format-patch --stdout --relative=tensorflow/python/keras FETCH_HEAD..HEAD > "
        "../moved.patch" in text
    )
    assert "git switch -c fix-lstm" in text
    assert "git am --directory=keras ../moved.patch" in text
    assert "`tensorflow.python.keras` is now `keras`" in text


def test_a_port_notice_says_what_a_contributor_must_know(post: Post) -> None:
    """Agreement, discussion, review and tools: facts of the migration file."""
    text = post("port")
    for fact in (
        "google-individual",
        "google-corporate",
        "discuss it before",
        "Small fixes",
        "internal repository",
        "Bazel",
    ):
        assert fact in text


def test_a_port_notice_says_nothing_that_the_file_does_not(post: Post, file: MigrationFile) -> None:
    """Another project's contributors are not told about Keras's agreement."""
    rules = file.notices.model_copy(update={"contributing": type(file.notices.contributing)()})
    text = post("port", file=file.model_copy(update={"notices": rules}))
    assert "Before you open it" not in text
    assert "agreement" not in text


@pytest.mark.parametrize(
    "name", ["x; rm -rf ~", "$(id)", "`id`", "-d", "a..b", "a b", "../../x\ny", "é", "master"]
)
def test_a_branch_name_cannot_smuggle_a_command(post: Post, make_pull: Make, name: str) -> None:
    """People paste our commands; a name that a shell might read otherwise, or that exists
    already, is replaced."""
    text = post("port", make_pull(head_ref=name))
    assert "git switch -c my-change\n" in text


def test_a_pull_request_held_open_is_not_said_to_be_closed(post: Post) -> None:
    """Somebody has just spoken: the recipe is posted, the close is not."""
    text = post("port", closes=False, code="quiet")
    assert "It stays open for now" in text
    assert "closed here" not in text
    assert "/reopen" not in text


def test_a_new_item_is_welcomed_and_says_whether_it_closes(post: Post) -> None:
    """The policy is told as it is."""
    assert "This issue stays open here." in post("welcome")
    assert "This issue is closed here." in post("welcome", closes=True)


def test_a_cleared_item_reads_the_two_dates(post: Post, make_item: Make) -> None:
    """Opened when, and the code moved when."""
    text = post("clear", make_item(repository="keras-team/keras"))
    assert "opened on 1 May 2019" in text
    assert "on 24 June 2021" in text


def test_a_known_successor_is_linked_instead_of_asking_to_refile(
    post: Post, activity: Lives
) -> None:
    """Nobody is asked to open again what already goes on elsewhere."""
    text = post("retire", code="known_landing", activity=activity(landing="keras-team/keras#15000"))
    assert (
        "[keras-team/keras 15000](https://redirect.github.com/keras-team/keras/issues/15000)"
        in text
    )
    assert "issues/new" not in text


HOSTILE = st.text(alphabet=st.sampled_from("@#ab1<>&;`*_[]()!|~$\\/:.-\n\u202e{}%"), max_size=60)


@pytest.mark.parametrize("decision", DECISIONS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=HOSTILE, body=HOSTILE, login=HOSTILE, label=HOSTILE, ref=HOSTILE)
def test_nothing_that_strangers_wrote_breaks_out_of_a_notice(
    post: Post, decision: str, title: str, body: str, login: str, label: str, ref: str
) -> None:
    """Rendered as GitHub renders it: no tags of theirs, no mentions, and the marker is where we
    put it."""
    act = Evidence(signal="clock", says=Leaning.STALE, value=f"commented {label}", actor=login)
    item = msgspec.structs.replace(
        post.pull(head_ref=ref, base_ref=ref), title=title, body=body, author=Actor(login=login)
    )
    if decision != "port":
        item = msgspec.structs.replace(item, kind=ItemKind.ISSUE, pull=None)
    seen = Evidence(signal="label.ours", says=Leaning.OURS, value=label, weight=9.0)
    held = Evidence(signal="milestone", says=Leaning.PROTECTS, value=label)
    for activity in (post.lives(act), post.lives(held)):
        text = post(
            decision, item, activity=activity, ownership=post.owns(evidence=(seen,)), label=label
        )
        shown = re.sub(
            r"<code[^>]*>.*?</code>|href=\"[^\"]*\"", "", HTML.render(text), flags=re.DOTALL
        )
        assert not re.search(r"@[A-Za-z0-9]", shown)
        assert not re.search(r"<(?!/?(p|strong|ul|li|a|pre|code)\b|!-- migrator:1 )", shown)
        assert len(find_markers(with_nonce(text, NONCE))) == 1
        assert len(text) <= 65_536


def test_the_longest_item_gives_a_text_that_github_takes(post: Post, make_item: Make) -> None:
    """65,536 characters of body make a notice far below that."""
    assert len(post("retire", make_item(title="t" * 256, body="é" * 65_536))) < 12_000


def test_a_deleted_author_is_no_trouble(post: Post, make_item: Make) -> None:
    """GitHub shows deleted accounts as nobody."""
    assert "**Does it still happen with the current version?**" in post(
        "retire", make_item(author=None, body="")
    )


def change(edit: NoticeEdit, **fields: object) -> NoticeChange:
    """Something happened on 9 July 2021."""
    return msgspec.structs.replace(
        NoticeChange(edit=edit, at=datetime(2021, 7, 9, tzinfo=UTC)), **fields
    )


@pytest.mark.parametrize("edit", list(NoticeEdit))
def test_a_replaced_notice_keeps_its_marker(
    notices: Notices, make_item: Make, edit: NoticeEdit
) -> None:
    """The same decision, generation and (once put in) nonce: it is still the one notice."""
    text = notices.render_edit(
        make_item(), change(edit), decision="retire", part="keras", generation=2
    )
    (marker,) = find_markers(with_nonce(text, NONCE))
    assert (marker.decision, marker.generation) == ("retire", 2)


@pytest.mark.parametrize(
    ("edit", "fields", "words"),
    [
        (
            NoticeEdit.UNDONE,
            {"actor": "hubot"},
            ["Reverted by hubot.", "This issue is open", "ignore it and the email it sent"],
        ),
        (NoticeEdit.UNDONE, {"open": False}, ["could not be reopened"]),
        (
            NoticeEdit.YIELDED,
            {"actor": "hubot"},
            ["stays open: hubot commented on 9 July 2021", "keras-team/keras"],
        ),
        (NoticeEdit.YIELDED, {}, ["stays open: a commenter commented on"]),
        (
            NoticeEdit.YIELDED,
            {"actor": "hubot", "did": "reacted THUMBS_DOWN"},
            ["stays open: hubot reacted on 9 July 2021"],
        ),
        (NoticeEdit.CLOSED, {}, ["was closed on 9 July 2021", "issues/new?", "`/reopen`"]),
        (
            NoticeEdit.LANDED,
            {"landing": "keras-team/keras#7"},
            ["continues in", "redirect.github.com/keras-team/keras/issues/7", "stays open"],
        ),
        (
            NoticeEdit.LANDED,
            {"landing": "keras-team/keras#7", "open": False},
            ["is closed here", "`/reopen`"],
        ),
        (
            NoticeEdit.COMPLETED,
            {"landing": "https://github.com/keras-team/keras/pull/8", "open": False},
            ["redirect.github.com/keras-team/keras/pull/8", "merged into", "closed as completed"],
        ),
    ],
)
def test_a_replaced_notice_says_what_happened(
    notices: Notices, make_item: Make, edit: NoticeEdit, fields: dict[str, object], words: list[str]
) -> None:
    """Each later state of the item has its own true text."""
    text = notices.render_edit(make_item(), change(edit, **fields), decision="retire", part="keras")
    for word in words:
        assert word in text


def test_an_undone_notice_sends_nobody_to_the_new_address(
    notices: Notices, make_item: Make
) -> None:
    """It was taken back, perhaps because the item was never ours."""
    assert "https://" not in notices.render_edit(
        make_item(), change(NoticeEdit.UNDONE), decision="retire", part="keras"
    )


def test_the_same_input_gives_the_same_text(post: Post) -> None:
    """Plans are hashed: rendering depends on nothing but its arguments."""
    assert post("retire") == post("retire")


def test_an_own_template_replaces_the_built_in_one(post: Post, file: MigrationFile) -> None:
    """Per decision, from the migration file; its marker is added by us."""
    own = file.notices.model_copy(
        update={"templates": {"redirect": "Moved to {{ part.new_address }}, {{ item.title }}."}}
    )
    text = post("redirect", file=file.model_copy(update={"notices": own}))
    assert text.startswith(
        "Moved to https://github.com/keras-team/keras, LSTM returns NaN.\n\n<!-- migrator:1 "
    )


@pytest.mark.parametrize(
    "expression",
    [
        "{{ 10 ** (10 ** 8) }}",
        "{{ 9 ** 6 ** 6 ** 6 }}",
        "{{ 10 ** 5 * 10 ** 5 * 10 ** 5 * 10 ** 5 }}",
        "{{ 'x' * 10 ** 6 }}",
        "{{ [1] * 10 ** 6 }}",
        "{% for one in range(10 ** 6) %}{% endfor %}",
        "{{ 'x' | center(10 ** 6) }}",
        "{{ 'x' | indent(10 ** 6, true) }}",
        "{{ 'x'.ljust(10 ** 6) }}",
        "{{ '%1000000d' % 1 }}",
        "{{ '{:>1000000}'.format(1) }}",
        "{{ lipsum(1000) }}",
    ],
)
def test_no_expression_of_a_template_grows_without_end(expression: str) -> None:
    """It is an error of the file, at once."""
    with pytest.raises((TemplateError, OverflowError)):
        environment({"redirect": expression}).get_template("redirect.md.j2").render()


def test_a_template_calculates_joins_and_loops() -> None:
    """What a notice may need works."""
    text = "{{ 2 * 3 + 2 ** 3 % 5 }}{{ 'a' ~ 'b' + 'c' }}{% for n in range(3) %}{{ n }}{% endfor %}"
    own = environment({"redirect": text + "{{ 'aba' | replace('b', 'c') }}"})
    assert own.get_template("redirect.md.j2").render() == "9abc012aca"


@pytest.mark.parametrize(
    "template",
    [
        "{{ nothing }}",
        "{{ item.nothing }}",
        "{{ ''.__class__ }}",
        "{% include 'x' %}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_failing_template_stops_before_anything_is_posted(
    post: Post, file: MigrationFile, template: str
) -> None:
    """An unknown variable, a way out of the sandbox or a missing part is an error that names the
    template."""
    own = file.notices.model_copy(update={"templates": {"redirect": template}})
    with pytest.raises(ConfigError, match=r"notices\.templates\.redirect"):
        post("redirect", file=file.model_copy(update={"notices": own}))


def test_a_text_that_github_would_refuse_is_refused_here(post: Post, file: MigrationFile) -> None:
    """Over 65,536 characters the write would fail after the plan was approved."""
    own = file.notices.model_copy(update={"templates": {"redirect": "x" * 65_536}})
    with pytest.raises(ConfigError, match="65,536"):
        post("redirect", file=file.model_copy(update={"notices": own}))


def test_a_linked_pull_request_of_the_new_repository_is_named_as_the_ground(
    post: Post, ownership: Owns
) -> None:
    """A path ground may come from there; then the item itself changes nothing."""
    link = Evidence(
        signal="link.target-pull", says=Leaning.OURS, value="keras-team/keras#15", weight=4.0
    )
    text = post("redirect", ownership=ownership(Grounds.PATH, evidence=(link,)))
    assert "a pull request of the new repository is linked to it." in text


def test_numbers_that_only_we_understand_are_not_quoted_as_a_reason(
    post: Post, ownership: Owns
) -> None:
    """Evidence such as "3 of 3 names" is for the dashboard."""
    share = Evidence(signal="code.share", says=Leaning.OURS, value="3 of 3 names", weight=9.0)
    assert "names" not in post("redirect", ownership=ownership(Grounds.TEXT, evidence=(share,)))
