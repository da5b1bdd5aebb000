"""Signing in on the web, and Apps from a manifest."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlparse

import httpx

from tests.support.sandbox_server import Local

BACK = "http://127.0.0.1:9/callback"


def sent_back(reply: httpx.Response) -> dict[str, str]:
    """Return what the browser carries back."""
    assert reply.status_code == 302
    assert reply.headers["location"].startswith(BACK)
    return {
        name: values[0]
        for name, values in parse_qs(urlparse(reply.headers["location"]).query).items()
    }


def test_a_person_signs_in_and_acts_as_themselves(github: Local) -> None:
    """Authorize, exchange the code once, ask who one is."""
    asked = {"client_id": "Iv1.77", "redirect_uri": BACK, "state": "abc", "login": "tria"}
    carried = sent_back(github.client.get("/login/oauth/authorize", params=asked))
    assert carried["state"] == "abc"
    given = {"client_id": "Iv1.77", "client_secret": "not much of one", "code": carried["code"]}
    accept = {"accept": "application/json"}
    token = github.client.post("/login/oauth/access_token", data=given, headers=accept).json()[
        "access_token"
    ]
    me = github.client.get("/user", headers={"authorization": f"bearer {token}"}).json()
    assert me["login"] == "tria"
    again = github.client.post("/login/oauth/access_token", data=given, headers=accept).json()
    assert again["error"] == "bad_verification_code"


def test_a_wrong_client_secret_gets_no_token(github: Local) -> None:
    """The error comes with status 200, as on GitHub, and as a form unless JSON is asked for."""
    carried = sent_back(
        github.client.get(
            "/login/oauth/authorize", params={"client_id": "Iv1.77", "redirect_uri": BACK}
        )
    )
    given = {"client_id": "Iv1.77", "client_secret": "wrong", "code": carried["code"]}
    reply = github.client.post("/login/oauth/access_token", data=given)
    assert (reply.status_code, parse_qs(reply.text)["error"]) == (
        200,
        ["incorrect_client_credentials"],
    )


def test_an_app_is_made_from_a_manifest_and_installed(github: Local) -> None:
    """The code is good once; the App gets its key and secrets, and a place to work in."""
    manifest = {
        "name": "Mover",
        "redirect_url": BACK,
        "default_permissions": {"issues": "write"},
        "default_events": ["issues"],
    }
    data = {"manifest": json.dumps(manifest)}
    carried = sent_back(
        github.client.post("/organizations/acme/settings/apps/new?state=s", data=data)
    )
    made = github.client.post(f"/app-manifests/{carried['code']}/conversions")
    assert made.status_code == 201
    app = made.json()
    assert (app["slug"], app["owner"]["login"], app["permissions"]) == (
        "mover",
        "acme",
        {"issues": "write"},
    )
    assert app["pem"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert github.client.post(f"/app-manifests/{carried['code']}/conversions").status_code == 404
    assert "Installed on acme" in github.client.get("/apps/mover/installations/new").text
