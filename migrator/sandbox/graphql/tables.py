"""Tables of resolvers: which function answers which field of which type.

A resolver gets the source object, an ``info`` whose ``context`` is the
:class:`~migrator.sandbox.call.Call`, and the field's arguments by name. Every type without a table
is answered from dictionaries (payloads) or attributes (pages).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

Resolver = Callable[..., Any]

TABLES: dict[str, dict[str, Resolver]] = {}


class ResolverTable:
    """Resolvers shared by one or more types."""

    def __init__(self, *types: str) -> None:
        self._fields = [TABLES.setdefault(name, {}) for name in types]

    def field(self, name: str) -> Callable[[Resolver], Resolver]:
        """Register the decorated function for field ``name``."""

        def register(resolver: Resolver) -> Resolver:
            self.put(name, resolver)
            return resolver

        return register

    def put(self, name: str, resolver: Resolver) -> None:
        """Register ``resolver`` for field ``name``."""
        for fields in self._fields:
            fields[name] = resolver

    def attributes(self, **names: str) -> None:
        """Answer fields from attributes (dotted paths allowed) of the source."""
        for name, path in names.items():
            self.put(name, Attribute(path))

    def constants(self, **values: Any) -> None:
        """Answer fields that are the same for everything in a sandbox."""
        for name, value in values.items():
            self.put(name, Constant(value))


class Attribute:
    """A resolver that reads an attribute. Plans call ``get`` straight, which is what makes large
    pages fast."""

    __slots__ = ("get",)

    def __init__(self, path: str) -> None:
        self.get: Callable[[Any], Any] = attrgetter(path)

    def __call__(self, source: Any, info: Any, **_: Any) -> Any:
        """Answer as any resolver does."""
        return self.get(source)


class Constant:
    """A resolver whose answer never changes."""

    __slots__ = ("get",)

    def __init__(self, value: Any) -> None:
        self.get: Callable[[Any], Any] = lambda _source: value

    def __call__(self, source: Any, info: Any, **_: Any) -> Any:
        """Answer as any resolver does."""
        return self.get(source)
