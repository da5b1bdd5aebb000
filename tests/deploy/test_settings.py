"""Each way of running it sets what each of its parts needs, by names that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.config.secret_files import file_variables
from migrator.config.settings import PREFIX, Settings
from tests.support.deployment import (
    OTHERS,
    ROOT,
    WEB_UNIT,
    WORKER_UNIT,
    compose,
    pod_settings,
    unit,
)

BOTH = {"MIGRATOR_MIGRATION", "MIGRATOR_DATABASE_URL_FILE", "MIGRATOR_GITHUB_APP_ID"}
KEY = "MIGRATOR_GITHUB_PRIVATE_KEY_FILE"
ACTS = BOTH | {KEY}
LISTENS = {"MIGRATOR_WEBHOOK_SECRET_FILE", "MIGRATOR_SESSION_SECRET_FILE"}
LOGS_IN = {"MIGRATOR_PUBLIC_URL", "MIGRATOR_OAUTH_CLIENT_ID", "MIGRATOR_OAUTH_CLIENT_SECRET_FILE"}
"""Without one of these a maintainer cannot log in with GitHub where the dashboard is not on
their own machine."""
ELSEWHERE = {"MIGRATOR_GITHUB_URL"}
KNOWN = {
    "MIGRATOR_MIGRATION",
    *(PREFIX + name.upper() for name in Settings.model_fields),
    *file_variables(Settings),
}
DOCUMENTED = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")


def found() -> dict[str, set[str]]:
    """Where -> variables of ours that are set there. The unit's other variables are in a file
    that its page describes."""
    services = {
        name: each["environment"]
        for name, each in compose()["services"].items()
        if name not in OTHERS
    }
    return {f"compose {name}": set(each) for name, each in services.items()} | {
        f"kubernetes {name}": each for name, each in pod_settings().items()
    }


@pytest.mark.parametrize("where", ["compose web", "kubernetes migrator-web"])
def test_the_web_is_given_all_that_it_needs(where: str) -> None:
    """To take webhooks, and to let maintainers log in; nothing that writes at GitHub is there."""
    assert found()[where] >= BOTH | LISTENS | LOGS_IN | ELSEWHERE
    assert KEY not in found()[where]


@pytest.mark.parametrize(
    "where",
    ["compose worker", "kubernetes migrator-worker", "kubernetes migrator-apply-23029490a24a"],
)
def test_who_acts_is_given_what_acting_needs_and_no_secret_of_the_web(where: str) -> None:
    """A worker cannot leak what it does not have."""
    assert found()[where] >= ACTS | ELSEWHERE
    assert not {name for name in found()[where] if name.endswith("_FILE")} - ACTS


def test_the_units_are_given_every_secret_and_their_page_names_the_rest() -> None:
    """Each secret is a credential, what is no secret stands in a file of the machine's."""
    set_here = {
        path: {value.partition("=")[0] for value in unit(path)["Environment"]}
        for path in (WEB_UNIT, WORKER_UNIT)
    }
    assert set_here[WORKER_UNIT] == {"MIGRATOR_DATABASE_URL", KEY}
    secrets = {name for name in LISTENS | LOGS_IN if name.endswith("_FILE")}
    assert set_here[WEB_UNIT] == {"MIGRATOR_DATABASE_URL"} | secrets
    described = DOCUMENTED.partition("## systemd")[2].partition("## Compose")[0]
    assert [
        name for name in ACTS | LOGS_IN if not name.endswith("_FILE") and name not in described
    ] == []


def test_every_variable_of_ours_that_is_set_exists() -> None:
    """A misspelt setting would be ignored."""
    assert {
        name for names in found().values() for name in names if name.startswith(PREFIX)
    } <= KNOWN


def test_every_secret_that_is_mounted_is_explained() -> None:
    """Who deploys it reads what to put into which file."""
    mounted = {Path(str(each["file"])).name for each in compose()["secrets"].values()}
    assert [name for name in mounted if f"| `{name}` |" not in DOCUMENTED] == []
