"""Kernels: one folder for each family, with its rows in ``rows.py`` and its C files.

A family names the operators that its kernels compute, and no operator names a family: without the
folder of a library, the others do its work.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from fwgen.contract.kernel import Kernel
from fwgen.ops import operators


@cache
def families() -> Mapping[str, tuple[Kernel, ...]]:
    """The ``KERNELS`` of each folder that has a ``rows.py``, by its name, in alphabetical order."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.ispkg]
    folder = Path(__path__[0])
    found = [name for name in sorted(names) if (folder / name / "rows.py").is_file()]
    rows = {name: import_module(f"{__name__}.{name}.rows").KERNELS for name in found}
    return MappingProxyType(rows)


@cache
def _by_operator() -> Mapping[str, tuple[Kernel, ...]]:
    rows: dict[str, list[Kernel]] = {o.name: [*o.reference] for o in operators().values()}
    for kernels in families().values():
        for kernel in kernels:
            rows[kernel.op].append(kernel)
    return MappingProxyType({op: tuple(found) for op, found in rows.items()})


def kernels_of(op: str) -> tuple[Kernel, ...]:
    """All rows of an operator by its name: its reference first, then family by family."""
    return _by_operator()[op]
