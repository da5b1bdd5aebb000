"""The REST half: one file per resource, each registering its routes."""

from __future__ import annotations
