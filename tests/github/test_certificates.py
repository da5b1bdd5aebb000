"""GitHub Enterprise with a certificate of its own: one variable names it for every request."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from migrator.github.pygithub import github
from tests.support.nginx import certificate


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers every question with an account."""

    def do_GET(self) -> None:
        """One JSON object."""
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"login": "octocat"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    """The URL of a host whose certificate nobody else has signed; it lies in ``tmp_path``."""
    certificate(tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(tmp_path / "tls_certificate", tmp_path / "tls_key")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = served.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def test_one_variable_names_the_certificate_for_graphql_and_rest(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it both refuse, with it both answer: httpx for GraphQL, PyGithub for the rest."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(requests.exceptions.SSLError):
        github(host, None).get_user("octocat").login  # noqa: B018 - asks
    with pytest.raises(httpx.ConnectError):
        httpx.get(host, verify=httpx.create_ssl_context())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls_certificate"))
    assert httpx.get(host, verify=httpx.create_ssl_context()).status_code == 200
    assert github(host, None).get_user("octocat").login == "octocat"
