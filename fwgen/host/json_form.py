"""A JSON value and the form that it must have, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Form = Any
"""A type: such a value exactly. A dict: a form for each key that must be there, others may be. A
list of one form: a list of any length. A tuple: one of several forms. Anything else: that value."""

MOST = 1 << 62
"""No whole number in the files of ours is larger."""


def fault(value: object, form: Form, at: str = "") -> str | None:
    """The place where ``value`` does not have its form, such as ``ops.3.index``; None if there
    is no such place."""
    if isinstance(form, tuple):
        faults = [fault(value, each, at) for each in form]
        return None if None in faults else at
    if isinstance(form, Mapping):
        if not isinstance(value, dict):
            return at
        inner = ((key, value.get(key), each) for key, each in form.items())
        return _first(inner, at)
    if isinstance(form, list):
        if not isinstance(value, list):
            return at
        return _first(((number, each, form[0]) for number, each in enumerate(value)), at)
    if isinstance(form, type):
        fits = type(value) is form and not (form is int and not 0 <= value <= MOST)  # type: ignore[operator]
        return None if fits else at
    return None if value == form and type(value) is type(form) else at


def _first(items: Any, at: str) -> str | None:
    for key, value, form in items:
        found = fault(value, form, f"{at}.{key}" if at else str(key))
        if found is not None:
            return found
    return None
