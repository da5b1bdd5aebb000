"""The migration file is read strictly, and every refusal tells where, what and how to mend it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migrator.config.migration_file import digest_of, load, parse, presets, rewrite
from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

MINIMAL = """\
[migration]
name = "widgets"
title = "Widgets move out"
source = "acme/everything"
cutover = 2024-02-29T12:00:00+02:00

[[parts]]
name = "widgets"
title = "Widgets"
target = "acme/widgets"
old_address = "https://github.com/acme/everything/tree/main/widgets"
new_address = "https://github.com/acme/widgets"

[[parts.paths]]
old = "widgets"
new = ""
"""


def refusal(text: str) -> ConfigError:
    """The error that a text is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "widgets.toml")
    return caught.value


def test_the_least_file_has_a_default_for_everything_else() -> None:
    """A migration can start from its addresses and paths alone."""
    file = parse(MINIMAL)
    assert file.parts[0].paths[0].old == "widgets"
    assert file.activity.stale_after == timedelta(days=180)
    assert file.plan.waves == (1, 10, 50, 200)


def test_a_time_with_an_offset_keeps_its_instant() -> None:
    """TOML's offset date-times are read as the instant they name."""
    assert parse(MINIMAL).migration.cutover == datetime(2024, 2, 29, 10, tzinfo=UTC)


@pytest.mark.parametrize("written", ['"30d"', "30"])
def test_days_are_written_with_or_without_their_letter(written: str) -> None:
    """Both spellings of a term mean the same."""
    assert parse(
        f"{MINIMAL}[activity]\nstale_after = {written}\n"
    ).activity.stale_after == timedelta(days=30)


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_valid(name: str) -> None:
    """What we ship loads, under its own name."""
    loaded = load(name)
    assert loaded.file.migration.name == name
    assert loaded.path == f"preset:{name}"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_documented_example_is_valid(path: Path) -> None:
    """The examples of the documentation can be copied and used."""
    assert load(path).text == path.read_text(encoding="utf-8")


ASKS = '[decisions.stale]\nact = "ask"\n[decisions.retire]\ngrace_days = 7\n'


@pytest.mark.parametrize("key", ["active", "stale"])
def test_threads_are_transferred_within_one_owner_only(key: str) -> None:
    """GitHub refuses anything else, so the file is refused before a plan is made."""
    asked = f'[decisions.{key}]\nact = "transfer"\n'
    error = refusal(MINIMAL.replace('"acme/widgets"', '"others/widgets"') + asked)
    assert "others/widgets has another owner than acme/" in error.cause
    assert parse(MINIMAL + asked).decisions.transfers
    trial = f"[decisions]\ncomment_only = true\n{asked}"
    assert not parse(MINIMAL + trial).decisions.transfers


def test_a_file_that_transfers_nothing_keeps_its_digest() -> None:
    """Its plans keep the hash that they had before there were transfers."""
    known = {"redirect", "retire", "port", "clear", "welcome", "comment_only", "head_gone"}
    assert not {"active", "stale", "transfer"} & set(parse(MINIMAL).model_dump()["decisions"])
    assert known <= set(parse(MINIMAL).model_dump()["decisions"])
    asked = '[decisions.active]\nact = "transfer"\n'
    later = f'{asked}[decisions.transfer]\nnotice = "after"\n'
    assert digest_of(parse(MINIMAL + asked)) != digest_of(parse(MINIMAL + later))


@pytest.mark.parametrize("name", ["done", "reopen", "still-here", "not-widgets"])
def test_a_part_cannot_be_called_like_a_command(name: str) -> None:
    """`/NAME` would mean two things."""
    part = MINIMAL[MINIMAL.index("[[parts]]") :]
    second = part.replace('name = "widgets"', f'name = "{name}"')
    assert f"the part '{name}' has the name of a command" in refusal(MINIMAL + second).cause


@pytest.mark.parametrize("days", [None, 0, 6])
def test_people_who_are_asked_have_a_week_to_answer_at_least(days: int | None) -> None:
    """Anything shorter is refused before a plan is made, with the setting that lacks."""
    grace = "" if days is None else f"[decisions.retire]\ngrace_days = {days}\n"
    error = refusal(f'{MINIMAL}[decisions.stale]\nact = "ask"\n{grace}')
    assert f"`decisions.retire.grace_days`, which is {days or 0}" in error.cause
    assert "7 days at least" in error.cause
    allowed = parse(f"{MINIMAL}{ASKS}")
    assert allowed.decisions.asks
    assert set(allowed.model_dump()["decisions"]) & {"active", "stale", "transfer"} == {"stale"}
    assert digest_of(allowed) != digest_of(parse(f"{MINIMAL}{ASKS}".replace("ask", "retire")))


def test_parts_may_each_have_their_own_target() -> None:
    """One monorepo can split into many repositories."""
    assert len(load(EXAMPLES / "collections.toml").file.targets) == 3


def test_the_keras_preset_says_what_was_announced() -> None:
    """The facts of the first migration are those of its announcement."""
    file = load("keras").file
    assert file.migration.source == "tensorflow/tensorflow"
    assert file.migration.cutover == datetime(2021, 6, 24, tzinfo=UTC)
    part = file.part("keras")
    assert part.target == "keras-team/keras"
    assert (
        part.old_address
        == "https://github.com/tensorflow/tensorflow/tree/master/tensorflow/python/keras"
    )
    assert part.new_address == "https://github.com/keras-team/keras"
    assert file.decisions.retire.grace_days == timedelta(0)
    assert file.decisions.port.grace_days == timedelta(days=14)


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_known_one() -> None:
    """A misspelt key is never silently a default."""
    error = refusal(f"{MINIMAL}\n[activity]\n# days\nstale_afer = '30d'\n")
    assert error.line == 20
    assert "line 20, `activity.stale_afer`: unknown key; did you mean `stale_after`?" in error.cause


def test_an_unknown_key_without_a_near_one_is_answered_by_the_known_ones() -> None:
    """Who guesses wildly learns what there is."""
    assert "known here: `valid_days`, `waves`" in refusal(f"{MINIMAL}[plan]\nzzz = 1\n").cause


def test_broken_toml_is_refused_with_its_line() -> None:
    """The parser's own message and place are passed on."""
    error = refusal(MINIMAL.replace('name = "widgets"\ntitle', "name = \ntitle"))
    assert error.line == 2
    assert "not valid TOML" in error.cause


def test_text_that_ends_too_early_is_blamed_on_its_last_line() -> None:
    """The parser says "at end of document"; we say which line that is."""
    assert refusal('[migration]\nname = "x').line == 2


def test_all_problems_are_listed_at_once_in_the_order_of_the_file() -> None:
    """Nobody mends a file one error at a time."""
    text = (
        MINIMAL.replace("2024-02-29T12:00:00+02:00", "2024-02-29T12:00:00")
        .replace('"acme/widgets"', '"acme"')
        .replace('new = ""', "new = 1")
    )
    error = refusal(text)
    assert [line.split(",")[0].strip() for line in error.cause.splitlines()] == [
        "widgets.toml has 3 problems:",
        "line 5",
        "line 10",
        "line 16",
    ]
    assert error.line == 5


@pytest.mark.parametrize(
    ("addition", "cause"),
    [
        ("[activity]\nquiet_days = 1.5", 'not a number of days; write a number of days: `"180d"`'),
        ('[activity]\nunanswered = "redirct"', "did you mean `redirect`?"),
        (
            '[budget]\ncontent_per_hour = "100"',
            "must be a valid integer; write a whole number, without quotes",
        ),
        ("[budget]\ncontent_per_hour = 501", "must be less than or equal to 500"),
        ("[plan]\nwaves = 10", "not an array"),
        ("[plan]\nwaves = [1, 0]", "`plan.waves[1]`: must be greater than 0"),
        ("[notices]\npromise_commands = 1", "write `true` or `false`"),
        ("[notices]\nhuman_contact = 1", "put it in quotes"),
        ("plan = 3", "`parts[0].paths[0].plan`: unknown key"),
        ("[decisions]\nretire = 3", "not a table"),
        (
            '[ownership.topics.aws]\nowner = "ours"\nprior = 1.0\nwords = ["aws_*_s3"]',
            "'aws_*_s3' would never be found",
        ),
        ('[ownership.title_terms]\n"aws_*" = "widgets"', "'aws_*' would never be found"),
        ('[ownership.thread]\nours = ["little/*"]', "'little/*' would never be found"),
        ("[ownership.measured]\nat = [0.5]", "must be equally long"),
        ('[ownership.labels.ours]\n"a label" = "gadgets"', "names the unknown part 'gadgets'"),
    ],
)
def test_a_wrong_value_is_refused_in_words_of_the_file(addition: str, cause: str) -> None:
    """Cause and cure speak of TOML, not of Python."""
    assert cause in refusal(f"{MINIMAL}{addition}\n").cause


def test_a_time_without_zone_is_refused_with_the_spelling_that_is_right() -> None:
    """A cutover is an instant, not a wall clock's opinion."""
    error = refusal(MINIMAL.replace("+02:00", ""))
    assert (
        "`migration.cutover`: the time has no zone; give the time zone: `2021-06-24T00:00:00Z`"
        in error.cause
    )


def test_a_missing_key_is_explained_where_its_table_begins() -> None:
    """The sentence that documents the key is the cure."""
    error = refusal(MINIMAL.replace('target = "acme/widgets"\n', ""))
    assert error.line == 7
    assert "`parts[0].target`: missing; add it: The repository that" in error.cause


def test_lines_are_right_behind_a_text_of_many_lines() -> None:
    """A template that spans lines, or looks like a table, does not shift what follows."""
    text = (
        f'{MINIMAL}[notices.templates]\nretire = """\n[not.a.table]\nkey = '
        '1\n"""\n[plan]\nvalid_dayz = "7d"\n'
    )
    assert refusal(text).line == text.splitlines().index('valid_dayz = "7d"') + 1


def test_a_problem_inside_a_value_of_many_lines_is_found_where_the_value_begins() -> None:
    """The key's line is what an editor jumps to."""
    assert refusal(f"{MINIMAL}[plan]\nwaves = [\n  1,\n  0,\n]\n").line == MINIMAL.count("\n") + 2


def test_lines_are_right_in_the_second_of_two_parts() -> None:
    """Tables that repeat are told apart."""
    second = (
        MINIMAL.partition("[[parts]]")[2]
        .replace('"widgets"', '"gadgets"')
        .replace("old =", "odl =")
    )
    text = f"{MINIMAL}\n[[parts]]{second}"
    error = refusal(text)
    line = text.splitlines().index('odl = "gadgets"') + 1
    assert f"line {line}, `parts[1].paths[0].odl`" in error.cause


def test_an_unknown_preset_is_answered_by_the_nearest_one() -> None:
    """`kears` is a misspelling, not a missing file."""
    with pytest.raises(ConfigError) as caught:
        load("kears")
    assert caught.value.cure == "did you mean `keras`?"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The path and the system's reason are in the message."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read: No such file"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are said to be so."""
    path = tmp_path / "latin.toml"
    path.write_bytes(b"[migration]\nname = '\xe9'\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path)


def test_the_digest_ignores_layout_and_written_out_defaults() -> None:
    """Two files that mean the same have one digest."""
    reordered = MINIMAL.replace(
        'name = "widgets"\ntitle = "Widgets move out"',
        '# a remark\ntitle = "Widgets move out"\nname = "widgets"',
    )
    spelled_out = f'{MINIMAL}[activity]\nstale_after = "180d"\n'
    assert digest_of(parse(MINIMAL)) == digest_of(parse(reordered)) == digest_of(parse(spelled_out))


def test_the_digest_ignores_the_order_of_free_keys() -> None:
    """A table whose keys the author chose has no order."""
    one, other = ('"a" = "widgets"\n', '"b" = "widgets"\n')
    header = f"{MINIMAL}[ownership.labels.ours]\n"
    assert digest_of(parse(header + one + other)) == digest_of(parse(header + other + one))


def test_the_digest_changes_with_any_rule() -> None:
    """A plan made under other rules is another plan."""
    assert digest_of(parse(MINIMAL)) != digest_of(
        parse(f"{MINIMAL}[activity]\nstale_after = 181\n")
    )


def test_rules_survive_the_way_through_json() -> None:
    """What is stored beside a plan can be read back, equal."""
    file = load("keras").file
    assert MigrationFile.model_validate_json(file.model_dump_json()) == file


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file of this process can get more than that many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A migration file that its group may read, and a link to it."""
    place = tmp_path / "widgets.toml"
    place.write_text(MINIMAL, encoding="utf-8")
    place.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(place)
    return link


def test_a_file_is_rewritten_in_its_place(written: Path) -> None:
    """It keeps its mode, the link to it stays a link, and nothing lies beside it."""
    rewrite(written, lambda text: text + "[activity]\nstale_after = 181\n")
    assert load(written).file.activity.stale_after == timedelta(days=181)
    assert written.is_symlink()
    assert written.stat().st_mode & 0o777 == 0o640
    assert len(list(written.parent.iterdir())) == 2


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(written: Path) -> None:
    """The disk is full after the first bytes."""
    with (
        full_disk(len(MINIMAL) // 2),
        pytest.raises(ConfigError, match="cannot be written: File too large; it is as it was"),
    ):
        rewrite(written, lambda text: f"{text}# a remark\n")
    assert written.read_text(encoding="utf-8") == MINIMAL
    assert len(list(written.parent.iterdir())) == 2


def test_a_file_is_not_rewritten_to_one_that_is_refused(written: Path) -> None:
    """What a change makes of it is read before it is written."""
    with pytest.raises(ConfigError, match="stale_afetr"):
        rewrite(written, lambda text: text + "[activity]\nstale_afetr = 181\n")
    assert written.read_text(encoding="utf-8") == MINIMAL
