"""The yardstick: a FastAPI endpoint that checks the signature and does nothing else."""

from __future__ import annotations

import hashlib
import hmac
import os

from fastapi import FastAPI, Request, Response

SECRET = os.environ.get("BENCH_SECRET", "").encode()

app = FastAPI()


@app.post("/webhooks")
async def webhooks(request: Request) -> Response:
    """Check and answer."""
    body = await request.body()
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature-256", "")
    return Response(status_code=202 if hmac.compare_digest(expected, given) else 401)
