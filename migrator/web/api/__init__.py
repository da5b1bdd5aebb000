"""The same views as JSON."""

from __future__ import annotations

from fastapi import FastAPI

from migrator.web.desk import Desk


def add_api(app: FastAPI, desk: Desk) -> None:
    """Add the programming interface."""
    del app, desk
