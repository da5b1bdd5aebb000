"""Replies become data or a typed error; and whether a failed request may have written decides
which."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from migrator.github import errors, http_messages, protocol
from migrator.github.http_messages import (
    Counted,
    Endpoints,
    HttpReply,
    HttpRequest,
    mutation,
    query,
)

HERE = http_messages.endpoints("https://api.github.com")
READ = http_messages.graphql_request(HERE, query("Viewer", "", "viewer { login }"), {})
WRITE = http_messages.graphql_request(
    HERE,
    mutation(
        "React", "$id: ID!", "react: addReaction(input: {subjectId: $id}) { clientMutationId }"
    ),
    {},
)
BROKEN_OFF = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug."
)


def _reply(status: int, body: Any = None, **headers: str) -> HttpReply:
    content = b"" if body is None else msgspec.json.encode(body)
    return HttpReply(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        content=content,
    )


def _error(reply: HttpReply, request: HttpRequest) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        protocol.read_graphql(request, reply, now=0.0)
    return caught.value


@pytest.mark.parametrize(
    ("base", "rest", "graphql", "web"),
    [
        (
            "https://api.github.com",
            "https://api.github.com",
            "https://api.github.com/graphql",
            "https://github.com",
        ),
        (
            "https://git.example.org/api/v3/",
            "https://git.example.org/api/v3",
            "https://git.example.org/api/graphql",
            "https://git.example.org",
        ),
        (
            "http://127.0.0.1:4010",
            "http://127.0.0.1:4010",
            "http://127.0.0.1:4010/graphql",
            "http://127.0.0.1:4010",
        ),
    ],
)
def test_one_base_address_names_all_three_surfaces(
    base: str, rest: str, graphql: str, web: str
) -> None:
    """github.com, Enterprise and the sandbox differ by nothing but this address."""
    assert http_messages.endpoints(base) == Endpoints(rest=rest, graphql=graphql, web=web)


@pytest.mark.parametrize(
    ("base", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_counts_as_loopback(base: str, loopback: bool) -> None:
    """A name that merely begins like a loopback address may be anybody's."""
    assert http_messages.endpoints(base).is_loopback is loopback


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_failure_leaves_a_write_in_doubt_and_a_read_to_be_repeated(status: int) -> None:
    """GitHub may have stored the comment before its reply was lost."""
    assert type(_error(_reply(status), WRITE)) is OutcomeUnknown
    assert type(_error(_reply(status), READ)) is ServerUnavailable


@pytest.mark.parametrize("body", [None, "not an object", {"data": None}, {}])
def test_a_reply_that_says_nothing_is_a_failure_of_its_kind(body: Any) -> None:
    """A 200 with an empty or foreign body (a proxy's) is no success."""
    assert type(_error(_reply(200, body), WRITE)) is OutcomeUnknown
    assert type(_error(_reply(200, body), READ)) is ServerUnavailable


def test_a_cut_reply_is_a_failure_of_its_kind() -> None:
    """Half of a JSON text is no success either."""
    cut = HttpReply(status=200, headers={}, content=b'{"data": {"react"')
    assert type(_error(cut, WRITE)) is OutcomeUnknown
    assert type(_error(cut, READ)) is ServerUnavailable


def test_a_time_out_that_answers_200_is_a_time_out() -> None:
    """GitHub also tells of its own time-outs with status 200 and an error without a type."""
    body = {"data": None, "errors": [{"message": BROKEN_OFF}]}
    assert type(_error(_reply(200, body), WRITE)) is OutcomeUnknown
    assert type(_error(_reply(200, body), READ)) is ServerUnavailable


def test_a_write_that_github_broke_off_under_its_alias_is_in_doubt() -> None:
    """The same message, now with a path: the act may have happened."""
    body = {"data": {"react": None}, "errors": [{"message": BROKEN_OFF, "path": ["react"]}]}
    reply = protocol.read_graphql(WRITE, _reply(200, body), now=0.0)
    assert type(reply.failures["react"]) is OutcomeUnknown


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("FORBIDDEN", "Resource not accessible by integration", PermissionDenied),
        (
            "INSUFFICIENT_SCOPES",
            "Your token has not been granted the required scopes",
            AccountRefused,
        ),
        ("NOT_FOUND", "Could not resolve to a node with the global id of 'x'", NotFound),
        ("UNPROCESSABLE", "Body is too long (maximum is 65536 characters)", RequestRefused),
        ("FORBIDDEN", "Unable to create comment because issue is locked.", RequestRefused),
        ("UNPROCESSABLE", "was submitted too quickly", LimitExceeded),
        ("SOMETHING_NEW", "We do not know this one", RequestRefused),
    ],
)
def test_errors_of_one_root_field_are_typed(
    kind: str, message: str, expected: type[GitHubError]
) -> None:
    """Each cause asks for another reaction: give up, wait, look it up elsewhere, or tell a
    person."""
    assert (
        type(errors.typed(errors.FieldError(message=message, type=kind, path=("comment",))))
        is expected
    )


def test_a_blocked_account_is_not_taken_for_a_locked_thread() -> None:
    """The word `locked` inside `blocked` must not hide a missing right."""
    for message, expected in (
        ("User is blocked", AccountRefused),
        ("This word is blocked", PermissionDenied),
    ):
        error = errors.FieldError(message=message, type="FORBIDDEN", path=("comment",))
        assert type(errors.typed(error)) is expected


def test_errors_below_a_field_that_has_data_are_no_failure() -> None:
    """Another's private repository in a timeline is ordinary: the rest of the page still counts."""
    body = {
        "data": {"node": {"events": [None]}},
        "errors": [{"message": "no", "type": "FORBIDDEN", "path": ["node", "events", 0]}],
    }
    reply = protocol.read_graphql(READ, _reply(200, body), now=0.0)
    assert reply.at("node", "item") == {"events": [None]}
    assert not reply.failures


def test_each_alias_of_a_request_keeps_its_own_fate() -> None:
    """One refused step does not hide that the other was done."""
    body = {
        "data": {"label": None, "close": {"issue": {}}},
        "errors": [{"message": "no", "type": "FORBIDDEN", "path": ["label"]}],
    }
    reply = protocol.read_graphql(WRITE, _reply(200, body), now=0.0)
    assert type(reply.failures["label"]) is PermissionDenied
    assert reply.at("close", "item") == {"issue": {}}


def test_a_limit_in_a_graphql_reply_carries_the_wait_of_its_headers() -> None:
    """GraphQL answers 200; the wait stands in the headers as with REST."""
    body = {
        "data": None,
        "errors": [{"message": "API rate limit exceeded", "type": "RATE_LIMITED"}],
    }
    error = _error(_reply(200, body, retry_after="42"), WRITE)
    assert isinstance(error, LimitExceeded)
    assert error.wait == 42.0


def test_a_limit_that_refuses_every_alias_is_raised_but_one_among_others_is_not() -> None:
    """If a part was done, the reply must be read; if nothing was, waiting is all there is to do."""
    limited = {"message": "was submitted too quickly", "type": "UNPROCESSABLE", "path": ["react"]}
    assert isinstance(
        _error(_reply(200, {"data": {"react": None}, "errors": [limited]}), WRITE), LimitExceeded
    )
    reply = protocol.read_graphql(
        WRITE,
        _reply(200, {"data": {"react": None, "close": {}}, "errors": [limited]}, retry_after="9"),
        now=0.0,
    )
    failure = reply.failures["react"]
    assert isinstance(failure, LimitExceeded)
    assert failure.wait == 9.0


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (401, "Bad credentials", AuthenticationError),
        (403, "Resource not accessible by personal access token", PermissionDenied),
        (403, "Unable to create comment because issue is locked.", RequestRefused),
        (404, "Not Found", NotFound),
        (410, "This issue was deleted", NotFound),
        (410, "API version 2022-11-28 is no longer supported", AccountRefused),
        (400, "The X-GitHub-Api-Version header names no supported version", AccountRefused),
        (404, "API version", NotFound),
        (422, "Validation Failed", RequestRefused),
    ],
)
def test_refusals_by_status_are_typed(
    status: int, message: str, expected: type[GitHubError]
) -> None:
    """A refusal was answered, so it is no doubt, for writes neither."""
    assert type(_error(_reply(status, {"message": message}), WRITE)) is expected


def test_a_null_without_an_error_is_an_incomplete_reply() -> None:
    """Nothing is absent unless GitHub says so."""
    reply = protocol.read_graphql(READ, _reply(200, {"data": {"node": None}}), now=0.0)
    with pytest.raises(IncompleteReply, match="item 7"):
        reply.at("node", "item 7")


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        ("FORBIDDEN", None),
        ("NOT_FOUND", None),
        ("RESOURCE_LIMITS_EXCEEDED", IncompleteReply),
        ("", IncompleteReply),
    ],
)
def test_an_error_below_the_data_is_an_answer_only_where_it_explains(
    kind: str, raised: type[GitHubError] | None
) -> None:
    """What is not for us is hidden; what GitHub broke off is missing."""
    body = {
        "data": {"node": {"events": None}},
        "errors": [{"message": "no", "type": kind, "path": ["node", "events"]}],
    }
    reply = protocol.read_graphql(READ, _reply(200, body), now=0.0)
    with pytest.raises(raised) if raised else contextlib.nullcontext():
        reply.require_whole()


@pytest.mark.parametrize(
    "text", ["half \\ud83d a pair", "the other \\udE00 half", "a NUL \\u0000 here"]
)
def test_what_no_database_stores_is_replaced_where_it_comes_in(text: str) -> None:
    """PostgreSQL takes no NUL, SQLite no half of a surrogate pair; what is left of the text
    stays."""
    content = b'{"data": {"node": {"title": "' + text.encode() + b'", "emoji": "\\ud83d\\ude00"}}}'
    reply = protocol.read_graphql(READ, HttpReply(status=200, headers={}, content=content), now=0.0)
    assert reply.data["node"]["title"] == re.sub(r"\\u\w{4}", "\ufffd", text)
    assert reply.data["node"]["emoji"] == "\U0001f600"


def test_a_request_that_never_left_may_be_repeated_even_if_it_writes() -> None:
    """No connection, no comment: only what was sent can be in doubt."""
    assert type(errors.lost(WRITE, "ConnectError", sent=False)) is ServerUnavailable
    assert type(errors.lost(WRITE, "ReadTimeout", sent=True)) is OutcomeUnknown
    assert type(errors.lost(READ, "ReadTimeout", sent=True)) is ServerUnavailable


def test_requests_are_counted_by_what_they_are() -> None:
    """The budget in requests is promised by kind."""
    kinds = [
        READ.counted,
        WRITE.counted,
        http_messages.rest_request(HERE, "GET", "/rate_limit").counted,
    ]
    assert kinds == [Counted.QUERY, Counted.MUTATION, Counted.REST]


def test_the_token_goes_into_one_header_and_nowhere_else() -> None:
    """Neither address nor body nor the request's representation shows it."""
    headers = http_messages.headers_of(READ, "ghs_secret")
    assert headers["authorization"] == "Bearer ghs_secret"
    assert "ghs_secret" not in repr(READ)


@given(
    st.integers(min_value=400, max_value=599),
    st.binary(max_size=200),
    st.dictionaries(st.text(max_size=10), st.text(max_size=10)),
)
def test_no_failed_write_is_ever_said_to_be_safe_to_repeat(
    status: int, content: bytes, headers: dict[str, str]
) -> None:
    """Whatever a server sends with an error status: a write is refused, limited or in doubt,
    never `ServerUnavailable`."""
    error = errors.error_of(
        WRITE, HttpReply(status=status, headers=headers, content=content), now=0.0
    )
    assert isinstance(error, GitHubError)
    assert not isinstance(error, ServerUnavailable)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "errors", "message", "path", "type", "react"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(_json)
def test_no_json_brings_anything_but_data_or_a_typed_error(body: Any) -> None:
    """A proxy, an outage page or a new error shape must end in the exception tree, never in a
    KeyError."""
    with contextlib.suppress(GitHubError):
        protocol.read_graphql(WRITE, _reply(200, body), now=0.0)
