"""What a transfer keeps, changes, loses and does late, seen over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.sandbox.apps import new_installation_token
from migrator.sandbox.server import Options
from migrator.sandbox.state_log import kept_world
from tests.support.sandbox_server import SMALL, SOURCE, TARGET, Local, build, serving

ISSUE = f"/repos/{SOURCE}/issues/1"
MOVED = f"/repos/{TARGET}/issues/2"
TRANSFER = """mutation TransferIssue($issue: ID!, $target: ID!, $create: Boolean) {
  transferIssue(input: {issueId: $issue, repositoryId: $target, createLabelsIfMissing: $create}) {
    issue { id databaseId number repository { nameWithOwner } } } }"""
RELATED = """query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { issue(number: $number) {
    parent { number repository { nameWithOwner } }
    subIssues(first: 9) { nodes { number } } subIssuesSummary { total completed }
    blockedBy(first: 9) { nodes { number } } blocking(first: 9) { nodes { number } }
    issueDependenciesSummary { blockedBy totalBlockedBy } } } }"""


def node_id(github: Local, path: str) -> str:
    """The node id of what a REST path shows."""
    return str(github.rest("GET", path).json()["node_id"])


def transfer(
    github: Local, number: int = 1, *, by: str = "root", create: bool = False, **more: Any
) -> dict[str, Any]:
    """Send the mutation and return the whole answer."""
    issue = more.get("issue") or node_id(github, f"/repos/{SOURCE}/issues/{number}")
    target = node_id(github, f"/repos/{more.get('to', TARGET)}")
    return github.graphql(TRANSFER, by=by, issue=issue, target=target, create=create)


def moved_issue(answer: dict[str, Any]) -> dict[str, Any]:
    """The new issue of an answer without errors."""
    assert "errors" not in answer, answer
    return dict(answer["data"]["transferIssue"]["issue"])


def refusal(answer: dict[str, Any]) -> str:
    """The type of the only error."""
    return str(answer["errors"][0]["type"])


def related(github: Local, number: int, repository: str = SOURCE) -> dict[str, Any]:
    """The relations of an issue by GraphQL."""
    owner, _, name = repository.partition("/")
    answer = github.graphql(RELATED, owner=owner, name=name, number=number)
    return dict(answer["data"]["repository"]["issue"])


def numbers(connection: dict[str, Any]) -> list[int]:
    """The numbers in a connection."""
    return [node["number"] for node in connection["nodes"]]


# -- what is documented


def test_a_transfer_gives_new_names_and_keeps_the_thread(github: Local) -> None:
    """Number, node id and database id are new; author, dates, comments and assignees are not."""
    before = github.rest("GET", ISSUE).json()
    new = moved_issue(transfer(github))
    after = github.rest("GET", MOVED).json()
    assert (new["number"], new["id"], new["databaseId"]) == (2, after["node_id"], after["id"])
    assert before["node_id"] != after["node_id"]
    assert before["id"] != after["id"]
    kept = ("user", "created_at", "body", "comments", "assignees")
    assert [before[key] for key in kept[:3]] == [after[key] for key in kept[:3]]
    assert (after["comments"], len(after["assignees"])) == (3, 1)
    assert after["reactions"]["total_count"] == 1


def test_an_old_number_is_never_used_again(github: Local) -> None:
    """Also when the newest issue was the one that left."""
    newest = github.rest("POST", f"/repos/{SOURCE}/issues", json={"title": "Newest"}).json()
    moved_issue(transfer(github, newest["number"]))
    made = github.rest("POST", f"/repos/{SOURCE}/issues", json={"title": "Next"}).json()
    assert made["number"] == newest["number"] + 1


@pytest.mark.parametrize(
    ("by", "given", "kind"),
    [
        ("walt", {}, "FORBIDDEN"),
        ("amy", {}, "FORBIDDEN"),
        ("root", {"to": SOURCE}, "UNPROCESSABLE"),
    ],
)
def test_a_transfer_needs_write_in_both_and_another_repository(
    github: Local, by: str, given: dict[str, Any], kind: str
) -> None:
    """Write in the source alone is not enough."""
    assert refusal(transfer(github, by=by, **given)) == kind
    assert github.rest("GET", ISSUE).status_code == 200


@pytest.mark.parametrize(
    ("repository", "change", "kind"),
    [
        (SOURCE, {"archived": True}, "FORBIDDEN"),
        (SOURCE, {"private": True}, "UNPROCESSABLE"),
        (TARGET, {"has_issues": False}, "UNPROCESSABLE"),
    ],
)
def test_a_repository_can_forbid_a_transfer(
    github: Local, repository: str, change: dict[str, Any], kind: str
) -> None:
    """Archived, private to public, issues turned off."""
    github.control("POST", "repository", json={"name": repository, **change})
    assert refusal(transfer(github)) == kind


def test_an_app_must_be_installed_on_both_repositories(github: Local) -> None:
    """One installation may be limited to some repositories of its account."""
    github.control("POST", "installation", json={"id": 88, "repositories": [SOURCE]})
    issue, target = node_id(github, ISSUE), node_id(github, f"/repos/{TARGET}")
    installation = github.world.installations[88]
    secret = new_installation_token(github.world, installation).secret

    def send() -> dict[str, Any]:
        reply = github.client.post(
            "/graphql",
            json={"query": TRANSFER, "variables": {"issue": issue, "target": target}},
            headers={"authorization": f"bearer {secret}"},
        )
        return dict(reply.json())

    assert refusal(send()) == "FORBIDDEN"
    github.control("POST", "installation", json={"id": 88, "repositories": []})
    assert moved_issue(send())["number"] == 2


def test_labels_follow_by_name_and_are_created_on_request(github: Local) -> None:
    """Whatever the target does not know is dropped without a word, or pollutes it."""
    moved_issue(transfer(github))
    names = [label["name"] for label in github.rest("GET", MOVED).json()["labels"]]
    assert names == ["bug"]
    github.act("root", "label", number=4, labels=["help wanted"])
    github.act("root", "reopen", number=4)
    new = moved_issue(transfer(github, 4, create=True))
    shown = github.rest("GET", f"/repos/{TARGET}/issues/{new['number']}").json()
    assert "help wanted" in [label["name"] for label in shown["labels"]]
    known = github.rest("GET", f"/repos/{TARGET}/labels").json()
    assert "help wanted" in [label["name"] for label in known]


@pytest.mark.parametrize(("due", "kept"), [("2021-01-01T00:00:00Z", True), (None, False)])
def test_a_milestone_follows_by_title_and_due_date(
    github: Local, due: str | None, kept: bool
) -> None:
    """One of the same title alone is another one."""
    dates = {"milestones": ["1.0"], "milestone_due": {"1.0": "2021-01-01T00:00:00Z"}}
    github.control("POST", "repository", json={"name": SOURCE, **dates})
    made = github.rest("POST", f"/repos/{TARGET}/milestones", json={"title": "1.0", "due_on": due})
    assert (made.status_code, made.json()["due_on"]) == (201, due)
    moved_issue(transfer(github))
    milestone = github.rest("GET", MOVED).json()["milestone"]
    assert (milestone is not None) is kept


def test_a_milestone_can_be_set_again_by_its_node_id(github: Local) -> None:
    """That is how what was lost is repaired."""
    moved_issue(transfer(github))
    made = github.rest("POST", f"/repos/{TARGET}/milestones", json={"title": "1.0"}).json()
    github.graphql(
        "mutation($id: ID!, $to: ID!) { updateIssue(input: {id: $id, milestoneId: $to}) "
        "{ issue { id } } }",
        id=node_id(github, MOVED),
        to=made["node_id"],
    )
    assert github.rest("GET", MOVED).json()["milestone"]["title"] == "1.0"


# -- the old number


def test_only_the_issue_itself_is_redirected(github: Local) -> None:
    """Its comments and events answer 404, also to a write."""
    moved_issue(transfer(github))
    assert github.rest("GET", ISSUE).status_code == 301
    assert github.rest("PATCH", ISSUE, json={"title": "x"}).status_code == 301
    for tail in ("comments", "events", "timeline", "labels"):
        assert github.rest("GET", f"{ISSUE}/{tail}").status_code == 404
    assert github.rest("POST", f"{ISSUE}/comments", json={"body": "Lost"}).status_code == 404
    github.control("POST", "transfers", json={"below_old_number": "no_location"})
    below = github.rest("GET", f"{ISSUE}/comments")
    assert (below.status_code, below.headers["location"]) == (301, "")


def test_the_web_page_of_an_old_number_leads_to_the_new_one(github: Local) -> None:
    """Links in texts still work."""
    moved_issue(transfer(github))
    page = github.client.get(f"/{SOURCE}/issues/1")
    assert (page.status_code, page.headers["location"]) == (301, f"/{TARGET}/issues/2")


@pytest.mark.parametrize("knob", ["not_found", "follows"])
def test_an_old_node_id_is_not_found_or_leads_on(github: Local, knob: str) -> None:
    """Nobody has shown which."""
    github.control("POST", "transfers", json={"old_node": knob})
    old = node_id(github, ISSUE)
    new = moved_issue(transfer(github))
    answer = github.graphql("query($id: ID!) { node(id: $id) { id } }", id=old)
    if knob == "follows":
        assert answer["data"]["node"]["id"] == new["id"]
    else:
        assert refusal(answer) == "NOT_FOUND"


def test_a_transfer_back_gives_a_third_name_and_every_old_one_leads_there(github: Local) -> None:
    """The old number is not restored."""
    new = moved_issue(transfer(github))
    back = moved_issue(transfer(github, issue=new["id"], to=SOURCE))
    assert back["repository"]["nameWithOwner"] == SOURCE
    assert back["number"] not in (1, 2)
    place = github.rest("GET", ISSUE).headers["location"]
    assert place.endswith(f"/issues/{back['number']}")


# -- on its way


def late(github: Local, **knobs: Any) -> None:
    """Set knobs of transfers."""
    github.control("POST", "transfers", json=knobs)


def pass_time(github: Local, seconds: float) -> None:
    """Move the world's clock."""
    github.control("POST", "clock", json={"advance_seconds": seconds})


def test_the_old_number_answers_for_a_while_and_the_new_one_is_missing(github: Local) -> None:
    """Until the clock has passed; GraphQL agrees."""
    late(github, old_answers_seconds=60, new_missing_seconds=60)
    moved_issue(transfer(github))
    assert github.rest("GET", ISSUE).json()["number"] == 1
    assert github.rest("GET", f"{ISSUE}/comments").status_code == 200
    assert github.rest("GET", MOVED).status_code == 404
    listed = github.rest("GET", f"/repos/{TARGET}/issues", params={"state": "all"}).json()
    assert [one["number"] for one in listed] == [1]
    pass_time(github, 61)
    assert github.rest("GET", ISSUE).status_code == 301
    assert github.rest("GET", MOVED).json()["comments"] == 3
    assert github.control("GET", "transfers")["in_flight"] == []


def test_a_second_send_before_it_has_settled_makes_a_second_issue(github: Local) -> None:
    """And afterwards it is not found."""
    late(github, old_answers_seconds=60)
    issue = node_id(github, ISSUE)
    first = moved_issue(transfer(github, issue=issue))
    second = moved_issue(transfer(github, issue=issue))
    assert (first["number"], second["number"]) == (2, 3)
    pass_time(github, 61)
    assert refusal(transfer(github, issue=issue)) == "NOT_FOUND"
    twins = [github.rest("GET", f"/repos/{TARGET}/issues/{number}").json() for number in (2, 3)]
    assert [twin["comments"] for twin in twins] == [3, 3]
    assert {twin["created_at"] for twin in twins} == {"2020-01-01T08:00:00Z"}
    assert github.item(2, TARGET)["came_from"] == github.item(3, TARGET)["came_from"]


@pytest.mark.parametrize(
    ("rule", "status"), [("transfer_reply_lost", 301), ("transfer_timed_out", 200)]
)
def test_a_lost_reply_looks_the_same_whether_it_was_done_or_not(
    github: Local, rule: str, status: int
) -> None:
    """Only the old number tells."""
    github.control("POST", "rules", json=[{"use": rule, "nth": [1]}])
    assert "data" not in transfer(github)
    assert github.rest("GET", ISSUE).status_code == status


def test_comments_arrive_late_and_none_is_lost(github: Local) -> None:
    """Also the one that somebody writes at the old place meanwhile."""
    late(github, old_answers_seconds=60, comments_late_seconds=120, comment_ids="new")
    old = {one["id"] for one in github.rest("GET", f"{ISSUE}/comments").json()}
    moved_issue(transfer(github))
    github.act("amy", "comment", body="Meanwhile")
    assert github.rest("GET", f"{MOVED}/comments").json() == []
    pass_time(github, 61)
    assert github.rest("GET", MOVED).json()["comments"] == 0
    pass_time(github, 60)
    found = github.rest("GET", f"{MOVED}/comments").json()
    assert [one["body"] for one in found][-1] == "Meanwhile"
    assert len(found) == 4
    assert not old & {one["id"] for one in found}


def test_a_transfer_on_its_way_survives_a_restart(tmp_path: Any) -> None:
    """It settles in the next run."""
    with serving(build(SMALL), Options(state=tmp_path)) as github:
        late(github, old_answers_seconds=60, new_missing_seconds=60, comments_late_seconds=60)
        moved_issue(transfer(github))
    kept = kept_world(tmp_path)
    assert kept is not None
    with serving(kept, Options(state=tmp_path)) as github:
        assert github.rest("GET", ISSUE).status_code == 200
        pass_time(github, 61)
        assert github.rest("GET", ISSUE).status_code == 301
        assert github.rest("GET", MOVED).json()["comments"] == 3


# -- refusals that are knobs


def test_a_closed_issue_is_refused_unless_the_knob_says_otherwise(github: Local) -> None:
    """Documented as no, seen to work."""
    github.act("root", "close")
    assert refusal(transfer(github)) == "UNPROCESSABLE"
    late(github, closed="moved")
    assert moved_issue(transfer(github))["number"] == 2


def test_some_issues_can_never_be_transferred(github: Local) -> None:
    """They are named, or drawn."""
    late(github, never=[f"{SOURCE}#1"])
    assert refusal(transfer(github)) == "UNPROCESSABLE"
    late(github, use="kind", never_share=1.0)
    assert refusal(transfer(github)) == "UNPROCESSABLE"
    late(github, use="kind")
    assert moved_issue(transfer(github))["number"] == 2


# -- relations


@pytest.fixture
def family(github: Local) -> Local:
    """1 is a part of 5, has the part 6, waits for 7 and holds 8 up."""
    for title in ("Parent", "Part", "Blocker", "Blocked"):
        github.rest("POST", f"/repos/{SOURCE}/issues", json={"title": title})
    ids = {n: node_id(github, f"/repos/{SOURCE}/issues/{n}") for n in (1, 5, 6, 7, 8)}
    sub = (
        "mutation($a: ID!, $b: ID!) { addSubIssue(input: {issueId: $a, subIssueId: $b}) "
        "{ issue { number } subIssue { number } } }"
    )
    blocked = (
        "mutation($a: ID!, $b: ID!) { addBlockedBy(input: {issueId: $a, blockingIssueId: $b}) "
        "{ issue { number } blockingIssue { number } } }"
    )
    for text, one, other in ((sub, 5, 1), (sub, 1, 6), (blocked, 1, 7), (blocked, 8, 1)):
        assert "errors" not in github.graphql(text, a=ids[one], b=ids[other])
    return github


def test_relations_are_read_by_both_interfaces(family: Local) -> None:
    """And agree."""
    found = related(family, 1)
    assert found["parent"]["number"] == 5
    assert [numbers(found[key]) for key in ("subIssues", "blockedBy", "blocking")] == [
        [6],
        [7],
        [8],
    ]
    assert found["issueDependenciesSummary"] == {"blockedBy": 1, "totalBlockedBy": 1}
    assert family.rest("GET", f"{ISSUE}/parent").json()["number"] == 5
    for tail, number in (
        ("sub_issues", 6),
        ("dependencies/blocked_by", 7),
        ("dependencies/blocking", 8),
    ):
        assert [one["number"] for one in family.rest("GET", f"{ISSUE}/{tail}").json()] == [number]
    shown = family.rest("GET", ISSUE).json()
    assert shown["sub_issues_summary"]["total"] == shown["issue_dependencies_summary"]["blocking"]


def test_relations_lead_to_the_new_place(family: Local) -> None:
    """From both ends, across repositories."""
    moved_issue(transfer(family))
    found = related(family, 2, TARGET)
    assert found["parent"]["number"] == 5
    assert [numbers(found[key]) for key in ("subIssues", "blockedBy", "blocking")] == [
        [6],
        [7],
        [8],
    ]
    assert related(family, 6)["parent"] == {
        "number": 2,
        "repository": {"nameWithOwner": TARGET},
    }
    assert numbers(related(family, 5)["subIssues"]) == [2]


def test_relations_arrive_late(family: Local) -> None:
    """Until then neither end shows them."""
    late(family, relations_late_seconds=60)
    moved_issue(transfer(family))
    assert related(family, 2, TARGET)["parent"] is None
    assert numbers(related(family, 5)["subIssues"]) == []
    pass_time(family, 61)
    assert numbers(related(family, 5)["subIssues"]) == [2]


def test_relations_vanish_without_a_word_and_can_be_made_again(family: Local) -> None:
    """By whoever wrote them down before."""
    late(family, relations_lost_of=[f"{SOURCE}#1"])
    moved_issue(transfer(family))
    found = related(family, 2, TARGET)
    assert found["parent"] is None
    assert [numbers(found[key]) for key in ("subIssues", "blockedBy", "blocking")] == [[], [], []]
    assert related(family, 6)["parent"] is None
    child = family.rest("GET", f"/repos/{SOURCE}/issues/6").json()
    made = family.rest("POST", f"{MOVED}/sub_issues", json={"sub_issue_id": child["id"]})
    assert made.status_code == 201
    assert made.json()["sub_issues_summary"]["total"] == 1
    blocker = family.rest("GET", f"/repos/{SOURCE}/issues/7").json()
    made = family.rest("POST", f"{MOVED}/dependencies/blocked_by", json={"issue_id": blocker["id"]})
    assert made.status_code == 201
    again = family.rest("POST", f"{MOVED}/sub_issues", json={"sub_issue_id": child["id"]})
    assert again.status_code == 422


def test_a_share_of_relations_vanishes(family: Local) -> None:
    """Drawn for each relation; the same again for the same seed."""
    late(family, relations_lost=0.5, seed=3)
    rules = family.world.transfers
    moved_issue(transfer(family))
    found = related(family, 2, TARGET)
    kept = found["parent"] is not None
    assert kept is not rules.loses(f"{SOURCE}#1", "parent", f"{SOURCE}#5")


def test_a_part_has_one_parent_unless_it_is_to_be_replaced(family: Local) -> None:
    """https://docs.github.com/rest/issues/sub-issues#add-sub-issue"""
    child = family.rest("GET", f"/repos/{SOURCE}/issues/6").json()
    path, body = f"/repos/{SOURCE}/issues/7/sub_issues", {"sub_issue_id": child["id"]}
    assert family.rest("POST", path, json=body).status_code == 422
    replaced = family.rest("POST", path, json={**body, "replace_parent": True})
    assert replaced.status_code == 201
    assert numbers(related(family, 1)["subIssues"]) == []
    gone = family.rest("DELETE", f"/repos/{SOURCE}/issues/7/sub_issue", json=body)
    assert gone.status_code == 200
    assert related(family, 6)["parent"] is None


def test_strangers_relate_nothing(family: Local) -> None:
    """It takes triage."""
    child = family.rest("GET", f"/repos/{SOURCE}/issues/8").json()
    path = f"/repos/{SOURCE}/issues/7/sub_issues"
    made = family.rest("POST", path, by="bob", json={"sub_issue_id": child["id"]})
    assert made.status_code == 403


# -- bots, and mails


def bots(github: Local, *given: dict[str, Any]) -> None:
    """Let bots react in the target."""
    github.control("POST", "bots", json=[{"repository": TARGET, **one} for one in given])


def test_a_bot_closes_what_follows_no_template_after_the_reply(github: Local) -> None:
    """The reply shows the issue open; what was written long ago is closed a moment later."""
    form = "name: Bug\nbody:\n  - type: input\n    attributes:\n      label: Version\n"
    files = {".github/ISSUE_TEMPLATE/bug.yml": form}
    github.control("POST", "repository", json={"name": TARGET, "files": files})
    bots(github, {"does": "close_without_template"})
    moved_issue(transfer(github))
    shown = github.rest("GET", MOVED).json()
    assert (shown["state"], shown["closed_by"]["login"]) == ("closed", "template-keeper[bot]")
    made = github.rest(
        "POST", f"/repos/{TARGET}/issues", json={"title": "Good", "body": "### Version\n\n1"}
    ).json()
    path = f"/repos/{TARGET}/issues/{made['number']}"
    assert github.rest("GET", path).json()["state"] == "open"


def test_a_bot_takes_labels_off_and_another_obeys_old_commands(github: Local) -> None:
    """Each reacts once, when the issue has arrived."""
    github.act("amy", "edit", body="It does.\n/close")
    bots(github, {"does": "relabel", "login": "sorter"}, {"does": "obey", "login": "butler-bot"})
    late(github, new_missing_seconds=60)
    moved_issue(transfer(github))
    pass_time(github, 61)
    shown = github.rest("GET", MOVED).json()
    assert [label["name"] for label in shown["labels"]] == ["needs triage"]
    assert (shown["state"], shown["closed_by"]["login"]) == ("closed", "butler-bot[bot]")


@pytest.mark.parametrize(
    ("knob", "expected"), [("mentioned", ["bob"]), ("nobody", []), ("participants", ["amy", "bob"])]
)
def test_a_transfer_mails_whom_the_knob_names(
    github: Local, knob: str, expected: list[str]
) -> None:
    """The docs name those who are mentioned."""
    github.act("amy", "edit", body="It does, @bob.")
    github.control("POST", "stats/reset")
    late(github, mails=knob)
    moved_issue(transfer(github))
    mails = [mail for mail in github.control("GET", "mails") if mail["act"] == "transfer"]
    to = sorted({login for mail in mails for login in mail["to"]})
    assert set(expected) <= set(to)
    assert bool(to) is bool(expected)


def test_what_else_is_kept_is_a_knob(github: Local) -> None:
    """Lock, pin and subscriptions."""
    github.act("root", "lock")
    github.act("root", "pin")
    late(github, keeps=["pin"])
    moved_issue(transfer(github))
    moved = github.item(2, TARGET)
    assert (moved["locked"], moved["pinned"], github.item(1)["pinned"]) == (False, True, False)


def test_a_knob_that_there_is_not_is_refused(github: Local) -> None:
    """Nothing is set by mistake."""
    reply = github.client.post("/_sandbox/transfers", json={"old_anwsers": 3})
    assert reply.status_code == 400
    assert github.client.post("/_sandbox/transfers", json={"use": "mean"}).status_code == 400
    assert github.control("POST", "transfers", json={"use": "unkind"})["comment_ids"] == "new"
