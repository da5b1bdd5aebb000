"""The shape of a table of rules, read from its types: which keys it has, what they mean, and
which tables are inside."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from itertools import pairwise
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel

Model = type[BaseModel]


def bare(annotation: object) -> object:
    """The annotation without ``Annotated`` and without ``| None``."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        return bare(options[0]) if len(options) == 1 else annotation
    return annotation


def as_model(annotation: object) -> Model | None:
    """The table that a field of this type holds, itself or as elements of an array or a mapping;
    None for plain values."""
    inner = bare(annotation)
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return inner
    if get_origin(inner) is tuple:
        return as_model(get_args(inner)[0])
    if get_origin(inner) is dict:
        return as_model(get_args(inner)[1])
    return None


def is_mapping(annotation: object) -> bool:
    """Whether a field of this type is a table with free keys."""
    return get_origin(bare(annotation)) is dict


def meanings(model: Model) -> dict[str, str]:
    """What each key of a table means: the text below its field, by the name of the field.

    Read from the source when somebody asks. Pydantic would do so for every model whenever a command
    starts, which takes 50 ms (``use_attribute_docstrings``).
    """
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each.__module__.startswith("migrator."):
            (table,) = ast.parse(inspect.getsource(each)).body
            assert isinstance(table, ast.ClassDef)
            found |= dict(_documented(table.body))
    return found


def _documented(body: Iterable[ast.stmt]) -> Iterable[tuple[str, str]]:
    """(name, text) of each field with a string below it."""
    for field, below in pairwise(body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)


def model_at(root: Model, path: Iterable[str | int]) -> Model | None:
    """The table that ``path`` leads to from ``root``; None if it leads to a plain value or
    nowhere."""
    model: Model | None = root
    annotation: object = root
    for step in path:
        if isinstance(step, int) or is_mapping(annotation):
            annotation = get_args(bare(annotation))[-1] if is_mapping(annotation) else annotation
            continue
        field = model.model_fields.get(step) if model else None
        if field is None:
            return None
        annotation = field.annotation
        model = as_model(annotation)
    return model
