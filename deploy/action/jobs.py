"""What a job of the Action asks of GitHub Actions, and what it writes for people. Only Python's own
library is used, as it runs before the migrator is installed.

restore FOLDER     unpack the newest database that a job kept; says from when on to look back
approver NAME      who approved this run for that environment
summary FILE       a plan as Markdown
applied FILE       what has become of a run as Markdown
left FILE          how many items of a run are left
get PATH           a value of the JSON object on standard input
"""

from __future__ import annotations

import io
import json
import os
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

STATE = "migrator-state"
PAGE = 100
LOOK_BACK = timedelta(days=1)
"""Before the day on which the database was kept: GitHub's clock and the runner's may differ."""


class _WithoutToken(urllib.request.HTTPRedirectHandler):
    """Artifacts lie on another host, which refuses GitHub's token."""

    def redirect_request(self, *given: Any) -> urllib.request.Request | None:
        request = super().redirect_request(*given)
        if request is not None:
            request.remove_header("Authorization")
        return request


def say(text: str) -> None:
    """A line for the job's log, or for the shell that asked."""
    sys.stdout.write(f"{text}\n")


def fail(cause: str, cure: str) -> NoReturn:
    """End with an error that the page of the run shows."""
    sys.stderr.write(f"::error::{cause}. {cure}\n")
    sys.exit(5)


def ask(address: str) -> bytes:
    """GET an address of GitHub's API as this job."""
    token = f"Bearer {os.environ['JOB_TOKEN']}"
    headers = {"authorization": token, "accept": "application/vnd.github+json"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - GITHUB_API_URL
    with urllib.request.build_opener(_WithoutToken).open(request, timeout=60) as reply:
        return bytes(reply.read())


def here() -> str:
    """The API's address of this repository."""
    return f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"


def kept() -> Iterator[dict[str, Any]]:
    """Every database that a job kept."""
    page, read = 1, 0
    while True:
        query = f"name={STATE}&per_page={PAGE}&page={page}"
        found = json.loads(ask(f"{here()}/actions/artifacts?{query}"))
        yield from found["artifacts"]
        read, page = read + len(found["artifacts"]), page + 1
        if not found["artifacts"] or read >= found["total_count"]:
            return


def is_ours(artifact: dict[str, Any]) -> bool:
    """Whether a workflow of this branch left it. A pull request from a fork can leave artifacts
    in this repository, too, under any name."""
    run = artifact.get("workflow_run") or {}
    same = run.get("head_repository_id") == run.get("repository_id")
    branch = run.get("head_branch") == os.environ["GITHUB_REF_NAME"]
    return bool(same and branch and not artifact["expired"])


def restore(folder: Path) -> None:
    """Unpack the newest database; without one the job begins with an empty one."""
    newest = max(filter(is_ours, kept()), key=lambda one: int(one["id"]), default=None)
    since = os.environ["JOB_SINCE"]
    folder.mkdir(parents=True, exist_ok=True)
    if newest is None:
        say("no job kept a database yet; an empty one is made")
    else:
        with zipfile.ZipFile(io.BytesIO(ask(newest["archive_download_url"]))) as archive:
            archive.extractall(folder)
        at = datetime.fromisoformat(newest["created_at"].replace("Z", "+00:00"))
        since = f"{at - LOOK_BACK:%Y-%m-%d}"
        say(f"the database of {at:%Y-%m-%d %H:%M} UTC goes on")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
        output.write(f"since={since}\n")


def approver(environment: str) -> str:
    """Who approved this run for the environment last."""
    reviews = json.loads(ask(f"{here()}/actions/runs/{os.environ['GITHUB_RUN_ID']}/approvals"))
    names = [
        review["user"]["login"]
        for review in reviews
        if review["state"] == "approved"
        and review["user"]
        and any(one["name"] == environment for one in review["environments"])
    ]
    if not names:
        fail(
            f"no one approved this run for the environment {environment}",
            "Give the environment required reviewers (Settings, Environments), and name it in the "
            "job of apply",
        )
    return str(names[-1])


def rows(facts: dict[str, Any]) -> str:
    """A table of two columns."""
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {fact} |" for name, fact in facts.items())]
    )


def summary(plan: dict[str, Any]) -> str:
    """A plan for those who approve it. No text of the items is in it: titles are strangers'."""
    totals, mails = plan["totals"], plan["mails"]
    facts = {
        "notices": totals["notices"],
        "closes": totals["closes"],
        "waves": totals["waves"],
        "people notified": f"{mails['people']}, {mails['mails']} emails",
        "hours at GitHub's limits": f"{mails['hours']:.1f}",
        "items set aside": plan.get("set_aside", 0),
        "good until": plan["header"]["expires_at"],
    }
    parts = [
        f"## Plan `{plan['hash'][:12]}` for {plan['header']['source']}",
        rows(totals["decisions"]),
        rows(facts),
    ]
    if plan["one_sided"]:
        parts.append(f"**Look again:** {plan['one_sided']}")
    if plan["clears"].get("items"):
        keys = ", ".join(item["key"] for item in plan["clears"]["items"])
        parts.append(f"{plan['clears']['count']} items would be cleared, among them: {keys}")
    parts.append(
        "Every item with its evidence and its exact text is in the artifact `migrator-plan` "
        "(`plan.html`, `plan.csv`). Read it, then approve the environment, or reject it: nothing "
        "has been written."
    )
    return "\n\n".join(parts) + "\n"


def left(final: dict[str, Any]) -> int:
    """Items of a run that are neither done nor waiting for their grace."""
    return int(final["total"] - final["ended"] - final["parked"])


def applied(final: dict[str, Any]) -> str:
    """What has become of a run."""
    facts = {
        f"{outcome} ({code})": count
        for outcome, codes in final["outcomes"].items()
        for code, count in codes.items()
    }
    run, rest = final["run"], left(final)
    facts |= {"closes that wait for their grace": final["parked"], "left": rest}
    parts = [f"## Run `{run['id']}` is {run['state']}", rows(facts)]
    if rest:
        parts.append("The time was over. The next `follow` goes on, or run this job again.")
    return "\n\n".join(parts) + "\n"


def main(what: str, given: str) -> None:
    """Do one thing and print its result."""
    if what == "restore":
        return restore(Path(given))
    if what == "get":
        found = json.load(sys.stdin)
        for name in given.split("."):
            found = found[name]
        say(found if isinstance(found, str) else json.dumps(found))
    elif what == "approver":
        say(approver(given))
    else:
        document = json.loads(Path(given).read_text(encoding="utf-8"))
        say(str({"summary": summary, "applied": applied, "left": left}[what](document)))
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
