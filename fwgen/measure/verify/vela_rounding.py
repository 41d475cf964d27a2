"""The rounding of Vela: the outputs of a model with Vela's multipliers, by the meaning of its
ops.

What an NPU computes must be what its multipliers say, to the bit: the same model with them, by an
arithmetic that knows nothing of NPUs, is the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fwgen.build.built_project import Project
from fwgen.model.inputs import Values, seeded_inputs
from fwgen.npu.multipliers import with_float32_products, with_own_multipliers
from fwgen.npu.proof.meaning import Meaning

Rounding = Callable[[Sequence[Values]], tuple[bytes, Mapping[int, Values]]]
"""Of one array per input, the bytes of all outputs, and the tensors that are known, by index."""


def vela_rounding(project: Project) -> Rounding | None:
    """The outputs with Vela's multipliers; None where those are TFLM's, or where fwgen has no
    meaning of what an output follows from."""
    told = project.result["npu"]["ops"] if project.npu else []
    graph = project.graph
    ops = with_own_multipliers(graph, {op["index"] for op in told if op["npu"]})
    if not ops:
        return None
    meaning = Meaning(with_float32_products(graph, ops), {})

    def known(given: Sequence[Values]) -> dict[int, Values]:
        values = dict(zip(graph.inputs, given, strict=True))
        meaning.complete(values)
        return values

    if not set(graph.outputs) <= known(seeded_inputs(graph, 1, 0)[0]).keys():
        return None

    def outputs(given: Sequence[Values]) -> tuple[bytes, Mapping[int, Values]]:
        values = known(given)
        return b"".join(values[t].tobytes() for t in graph.outputs), values

    return outputs
