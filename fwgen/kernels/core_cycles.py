"""Cycles of the same C on different cores: a row's formula -> its forms with one core's cycles.

The formula of a row that runs on one class of core is that core's. Plain C and a library's
functions run on many, and their rows have one formula for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fwgen.contract.kernel import ARMV7M, DSP, DUAL_ISSUE, MVE, Form, Kernel
from fwgen.contract.node import Node

_ANY: frozenset[str] = frozenset()

_TIMES: Mapping[str, Sequence[tuple[frozenset[str], float]]] = {
    "reference": ((MVE, 1.4), (DUAL_ISSUE, 1.55), (DSP, 2.0), (ARMV7M, 2.1), (_ANY, 3.0)),
    "cmsis-nn": ((MVE, 1.0), (DUAL_ISSUE, 0.76), (ARMV7M, 1.0), (_ANY, 2.3)),
}
"""By provider, and by what a core has, the first that holds: times its rows' formulas.

They are cycles of ``fwgen profile`` (pipeline model 1, gcc 12) over the formulas', of whole models.
The models are kws, ic, ad and sww of MLPerf Tiny, with ``--kernels reference`` and ``cmsis-nn``.
Found for plain C: 1.42 to 1.49 on a Cortex-M55, 1.40 to 1.89 on an M7, 1.84 to 2.52 on M4 and M33.
On an M3 it is 1.95 to 2.52, on an M0 2.95 and 3.09. Found for the library, in the same order: 0.98
to 1.05, 0.68 to 0.79, 0.96 to 1.07, 0.98 to 1.04, 2.3.
"""


def forms_on(features: frozenset[str], kernel: Kernel, node: Node) -> tuple[Form, ...]:
    """The ways to call a kernel for an op, with their cycles on a core with ``features``."""
    known = _TIMES.get(kernel.provider, ((_ANY, 1.0),))
    times = next(times for needs, times in known if needs <= features)
    return tuple(replace(form, cycles=times * form.cycles) for form in kernel.forms(node))
