"""The Kubernetes manifests: valid by Kubernetes' own schemas, complete, and no more powerful
than needed."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.support.deployment import KUBERNETES, USER, kubernetes_objects, kustomized, pods

OLDEST, NEWEST = "1.29", kubernetes_validate.latest_version()
"""Versions of Kubernetes that the manifests are for."""


def named(kind: str, name: str) -> dict[str, Any]:
    """One object of the manifests."""
    return next(
        each
        for each in kubernetes_objects()
        if (each["kind"], each["metadata"]["name"]) == (kind, name)
    )


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize(
    "each", kubernetes_objects(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_every_object_is_valid_by_kubernetes_own_schema(each: dict[str, Any], version: str) -> None:
    """No unknown field and no wrong type, in the oldest version that we name and in the newest."""
    kubernetes_validate.validate(each, version, strict=True)


def test_a_wrong_field_would_be_found() -> None:
    """The validation is strict: a misspelt field is an error, not a field that is ignored."""
    wrong = next(each for each in kubernetes_objects() if each["kind"] == "Deployment")
    wrong["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_the_kustomization_names_every_manifest_but_the_one_made_by_hand() -> None:
    """Nothing lies here that is not deployed."""
    named = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))[
        "resources"
    ]
    assert {path.name for path in KUBERNETES.glob("*.yaml")} - {
        "kustomization.yaml",
        "apply-job.yaml",
    } == set(named)


def test_kustomize_builds_it_and_the_result_is_valid() -> None:
    """The whole is put together by kustomize itself, in one namespace."""
    built = kustomized()
    if built is None:
        pytest.skip("neither kustomize nor kubectl is installed here")
    for each in built:
        kubernetes_validate.validate(each, NEWEST, strict=True)
        assert each["kind"] == "Namespace" or each["metadata"]["namespace"] == "migrator"
    assert {"Deployment", "Job", "Service", "ConfigMap"} <= {each["kind"] for each in built}


@pytest.mark.parametrize(
    ("name", "pod"), list(pods()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_no_pod_can_do_more_than_it_needs(name: str, pod: dict[str, Any]) -> None:
    """Not root, read-only root file system, no capability, no privilege to gain, no token of the
    cluster."""
    assert pod["automountServiceAccountToken"] is False, name
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == USER
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize(
    ("name", "pod"), list(pods()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_secrets_come_as_files_and_only_those_that_are_needed(
    name: str, pod: dict[str, Any]
) -> None:
    """No secret is an environment variable, where every child process and crash report would
    have it."""
    variables = [one for container in pod["containers"] for one in container.get("env", ())]
    assert all("valueFrom" not in one for one in variables), name
    secret = next(volume["secret"] for volume in pod["volumes"] if "secret" in volume)
    keys = {item["key"] for item in secret["items"]}
    for secret_of_the_web in ("webhook_secret", "session_secret", "oauth_client_secret"):
        assert (secret_of_the_web in keys) == (name == "migrator-web")
    assert ("github_private_key" in keys) == (name not in ("migrator-revision", "migrator-web"))


def test_workers_are_probed_and_their_metrics_are_asked_for_where_they_answer() -> None:
    """Probe, annotation, network policy and command agree on one port."""
    worker = dict(pods())["migrator-worker"]["containers"][0]
    (port,) = worker["ports"]
    assert worker["args"][worker["args"].index("--metrics-port") + 1] == str(port["containerPort"])
    assert worker["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
    deployment = named("Deployment", "migrator-worker")
    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
    assert (annotations["prometheus.io/port"], annotations["prometheus.io/path"]) == (
        str(port["containerPort"]),
        "/metrics",
    )
    policy = named("NetworkPolicy", "migrator-worker")
    assert policy["spec"]["ingress"] == [{"ports": [{"port": port["name"]}]}]


def test_the_web_pods_are_probed_where_the_application_answers() -> None:
    """Alive and ready are two questions: a web pod without its database is not sent requests,
    and not killed either."""
    web = dict(pods())["migrator-web"]["containers"][0]
    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    pages, operations = web["ports"]
    assert web["args"][web["args"].index("--operations-port") + 1] == str(
        operations["containerPort"]
    )
    assert (
        operations["name"]
        == web["readinessProbe"]["httpGet"]["port"]
        == web["livenessProbe"]["httpGet"]["port"]
    )
    assert named("Service", "migrator")["spec"]["ports"] == [
        {"name": "http", "port": 80, "targetPort": pages["name"]}
    ]
