"""Each kind of failure becomes its typed error, with GitHub's words, its status, and the
request's name."""

from __future__ import annotations

import pytest

from migrator.errors import (
    AccountRefused,
    AuthenticationError,
    GitHubError,
    IncompleteReply,
    LimitExceeded,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RequestRefused,
    ServerUnavailable,
)
from migrator.github.errors import FieldError, error_of, lost, typed, understood, unreadable
from migrator.github.http_messages import Counted, HttpReply, HttpRequest
from migrator.github.protocol import GraphQLReply, read_graphql

READ = HttpRequest(method="POST", url="https://x/graphql", counted=Counted.QUERY, name="Item")
WRITE = HttpRequest(
    method="POST", url="https://x/graphql", counted=Counted.MUTATION, name="AddComment", writes=True
)


def reply(status: int, content: bytes = b"", **headers: str) -> HttpReply:
    """A reply with these headers."""
    return HttpReply(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        content=content,
    )


def shown(error: GitHubError | None) -> tuple[object, ...]:
    """What a caller sees of an error."""
    assert error is not None
    return type(error), error.cause, error.status


@pytest.mark.parametrize(
    ("message", "kind", "expected"),
    [
        ("Something went wrong while executing your query.", "", ServerUnavailable),
        ("We couldn't respond to your request in time.", "FORBIDDEN", ServerUnavailable),
        ("timedout", "NOT_FOUND", ServerUnavailable),
        ("Timeout on validation", "UNPROCESSABLE", ServerUnavailable),
        ("It is LOCKED.", "FORBIDDEN", RequestRefused),
        ("It is locked.", "UNPROCESSABLE", RequestRefused),
        ("It is locked.", "", RequestRefused),
        ("It is locked.", "NOT_FOUND", NotFound),
        ("This word is blocked.", "FORBIDDEN", PermissionDenied),
        ("You are blocked.", "FORBIDDEN", AccountRefused),
        ("No such thing", "NOT_FOUND", NotFound),
        ("Who are you?", "UNAUTHENTICATED", AuthenticationError),
        ("Something new", "NEVER_HEARD_OF", RequestRefused),
        ("Too much", "RESOURCE_LIMITS_EXCEEDED", ServerUnavailable),
    ],
)
def test_a_graphql_error_is_known_by_its_words_and_its_type(
    message: str, kind: str, expected: type[GitHubError]
) -> None:
    """The words of a time-out and of a lock come before the type that GitHub gives them."""
    assert shown(typed(FieldError(message=message, type=kind))) == (expected, message, 200)


def test_a_limit_among_field_errors_asks_for_the_usual_wait() -> None:
    """A field error has no headers that could name one."""
    limit = typed(FieldError(message="API rate limit exceeded", type="RATE_LIMITED"))
    assert isinstance(limit, LimitExceeded)
    assert (limit.wait, limit.secondary, limit.status) == (60.0, False, 200)


@pytest.mark.parametrize(
    ("status", "content", "request_", "expected"),
    [
        (
            400,
            b'{"message": "Problems parsing JSON"}',
            READ,
            (RequestRefused, "Problems parsing JSON (Item)", 400),
        ),
        (
            401,
            b'{"message": "Bad credentials"}',
            READ,
            (AuthenticationError, "Bad credentials (Item)", 401),
        ),
        (403, b'{"message": "No right"}', READ, (PermissionDenied, "No right (Item)", 403)),
        (
            403,
            b'{"message": "Issue is locked"}',
            WRITE,
            (RequestRefused, "Issue is locked (AddComment)", 403),
        ),
        (404, b"", READ, (NotFound, "GitHub answers with status 404 (Item)", 404)),
        (410, b"[]", READ, (NotFound, "GitHub answers with status 410 (Item)", 410)),
        (
            422,
            b'{"other": 1}',
            READ,
            (RequestRefused, "GitHub answers with status 422 (Item)", 422),
        ),
        (
            499,
            b"<html>",
            WRITE,
            (RequestRefused, "GitHub answers with status 499 (AddComment)", 499),
        ),
        (500, b"", READ, (ServerUnavailable, "GitHub answers with status 500 (Item)", 500)),
        (500, b"", WRITE, (OutcomeUnknown, "GitHub answers with status 500 (AddComment)", 500)),
    ],
)
def test_a_status_is_an_error_of_its_kind(
    status: int, content: bytes, request_: HttpRequest, expected: tuple[object, ...]
) -> None:
    """With GitHub's words where the body has them. After a 5xx a write is in doubt."""
    assert shown(error_of(request_, reply(status, content), now=0.0)) == expected


def test_a_status_below_400_is_no_error() -> None:
    """Not modified and moved are for the transport."""
    assert error_of(READ, reply(200), now=0.0) is None
    assert error_of(READ, reply(399), now=0.0) is None


def test_a_limit_is_told_by_its_status_with_the_wait_that_is_due() -> None:
    """After others in a row, and in a sandbox's own time."""
    limit = error_of(READ, reply(429, b'{"message": "slow down"}'), now=0.0, streak=2, least=3.0)
    assert isinstance(limit, LimitExceeded)
    assert (limit.cause, limit.wait, limit.status) == (
        "GitHub's secondary rate limit: slow down",
        12.0,
        429,
    )
    dated = error_of(READ, reply(403, x_ratelimit_remaining="0", x_ratelimit_reset="70"), now=10.0)
    assert isinstance(dated, LimitExceeded)
    assert dated.wait == 61.0


@pytest.mark.parametrize(
    ("request_", "expected"), [(READ, ServerUnavailable), (WRITE, OutcomeUnknown)]
)
def test_a_reply_that_nobody_understands_names_the_request(
    request_: HttpRequest, expected: type[GitHubError]
) -> None:
    """A write may have happened."""
    cause = f"{request_.name}: the reply is not what GitHub documents"
    assert shown(unreadable(request_, 200)) == (expected, cause, 200)
    assert shown(unreadable(request_, None)) == (expected, cause, None)


def test_a_lost_reply_leaves_only_a_write_that_was_sent_in_doubt() -> None:
    """What never left changed nothing."""
    never, cut = "GitHub cannot be reached: refused", "GitHub's reply never came: cut"
    assert shown(lost(WRITE, "cut", sent=True)) == (OutcomeUnknown, f"{cut} (AddComment)", None)
    assert shown(lost(WRITE, "refused", sent=False)) == (
        ServerUnavailable,
        f"{never} (AddComment)",
        None,
    )
    assert shown(lost(READ, "refused", sent=True)) == (ServerUnavailable, f"{never} (Item)", None)


@pytest.mark.parametrize(
    "error", [KeyError("id"), TypeError("none"), ValueError("date"), AttributeError("get")]
)
def test_data_of_an_unknown_form_are_told_as_such(error: Exception) -> None:
    """Every way in which taking them apart can fail. After a write something was done, and we
    cannot read what."""
    cause = (
        "Item: GitHub answers in a form that this version does not know "
        f"({type(error).__name__}: {error})"
    )
    for writes, expected in ((False, GitHubError), (True, OutcomeUnknown)):
        with pytest.raises(GitHubError) as caught, understood("Item", writes=writes):
            raise error
        assert type(caught.value) is expected
        assert caught.value.cause == cause
        assert writes or caught.value.cure == "update the migrator, or report it"


def test_other_errors_pass_as_they_are() -> None:
    """A limit met while data are read stays a limit."""
    with pytest.raises(ServerUnavailable), understood("Item", writes=True):
        raise ServerUnavailable("away")


def test_a_field_error_belongs_to_the_alias_that_its_path_begins_with() -> None:
    """One without a path belongs to the whole request."""
    assert FieldError(message="", path=("one", 2, "three")).root == "one"
    assert FieldError(message="").root == ""


def test_a_root_field_without_data_is_its_own_error_or_not_there() -> None:
    """Named by what was asked for."""
    denied = PermissionDenied("no right")
    answer = GraphQLReply(
        data={"one": None, "two": {"id": 1}, "three": None}, failures={"one": denied}
    )
    assert answer.at("two", "it") == {"id": 1}
    with pytest.raises(PermissionDenied) as caught:
        answer.at("one", "it")
    assert caught.value is denied
    for root in ("three", "four"):
        with pytest.raises(IncompleteReply, match="null for it and does not say why"):
            answer.at(root, "it")


def test_a_write_that_github_broke_off_names_the_request_and_its_words() -> None:
    """In doubt, with the status that it came with."""
    body = b'{"data": {"add": null}, "errors": [{"message": "timeout", "path": ["add"]}]}'
    found = read_graphql(WRITE, reply(200, body), now=0.0)
    assert shown(found.failures["add"]) == (OutcomeUnknown, "AddComment: timeout", 200)


def test_an_error_is_known_by_its_type_or_else_by_its_code() -> None:
    """Errors of parsing say theirs in `extensions`; in any case of letters; one that says
    nothing has none."""
    body = (
        b'{"data": {"a": {}}, "errors": [{"message": "1", "type": "Not_Found", "extensions": '
        b'{"code": "x"}, "path": ["a", "b"]},'
        b' {"message": "2", "extensions": {"code": "argumentLiteral"}, "path": ["a"]}, '
        b'{"message": "3", "path": ["a"]},'
        b' {"message": "4", "extensions": {}, "path": ["a"]}]}'
    )
    found = read_graphql(READ, reply(200, body), now=0.0)
    assert found.errors == (
        FieldError(message="1", type="NOT_FOUND", path=("a", "b")),
        FieldError(message="2", type="ARGUMENTLITERAL", path=("a",)),
        FieldError(message="3", path=("a",)),
        FieldError(message="4", path=("a",)),
    )
    assert found.failures == {}
    assert found.data == {"a": {}}


def test_a_limit_fails_the_request_only_if_nothing_came_with_it() -> None:
    """Half of the aliases answered is half that need not be asked for again; the others carry
    the wait."""
    errors = (
        b'[{"message": "x", "type": "RATE_LIMITED", "path": ["a"]}, {"message": "x", "type": '
        b'"RATE_LIMITED", "path": ["b"]}]'
    )
    half = read_graphql(
        READ,
        reply(200, b'{"data": {"a": null, "b": {}}, "errors": %s}' % errors, retry_after="9"),
        now=0.0,
    )
    assert isinstance(half.failures["a"], LimitExceeded)
    assert half.failures["a"].wait == 9.0
    assert set(half.failures) == {"a"}
    for body in (
        b'{"data": {"a": null, "b": null}, "errors": %s}',
        b'{"data": null, "errors": %s}',
    ):
        with pytest.raises(LimitExceeded) as caught:
            read_graphql(READ, reply(200, body % errors), now=0.0, streak=1, least=5.0)
        assert caught.value.wait == 10.0


def test_the_first_of_several_errors_of_a_field_is_the_one_that_is_told() -> None:
    """Those behind it follow from it."""
    body = (
        b'{"data": {"a": null}, "errors": [{"message": "first", "path": ["a"]}, {"message": '
        b'"second", "path": ["a"]}]}'
    )
    assert read_graphql(READ, reply(200, body), now=0.0).failures["a"].cause == "first"


LIMIT_PAGE = b"<html><h1>Whoa there!</h1><p>You have exceeded a secondary rate limit.</p></html>"


@pytest.mark.parametrize(
    ("page", "writes", "expected"),
    [
        (LIMIT_PAGE, False, LimitExceeded),
        (LIMIT_PAGE, True, LimitExceeded),
        (b"<html><title>403 Forbidden</title></html>", False, ServerUnavailable),
        (b"<html><title>403 Forbidden</title></html>", True, OutcomeUnknown),
    ],
)
def test_a_page_in_html_is_no_lost_role(
    page: bytes, writes: bool, expected: type[Exception]
) -> None:
    """GitHub's API speaks JSON: a page tells of a limit, or comes from what stands before it."""
    error = error_of(WRITE if writes else READ, reply(403, page), now=0.0)
    assert isinstance(error, expected)
