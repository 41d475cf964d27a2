"""The updates of variables: what an op does to an input becomes an output of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator
from fwgen.errors import Fault
from fwgen.model.graph import ABSENT, Graph, Op


def with_updates(graph: Graph, known: Mapping[str, Operator]) -> tuple[Graph, tuple[Fault, ...]]:
    """The graph whose ops have the variables that they update as outputs, and a fault for each op
    that cannot.

    Ops that come later read what the update has made. An op whose variables are its outputs already
    stays as it is.
    """
    tensors, variables = list(graph.tensors), {v.before: v for v in graph.variables}
    made: dict[int, int] = {}
    ops: list[Op] = []
    faults: list[Fault] = []
    for op in graph.ops:
        operator = known.get(op.code)
        places = () if operator is None else operator.updates
        updated = [op.inputs[p] for p in places if p < len(op.inputs) and op.inputs[p] != ABSENT]
        for t in updated:
            wrong = _obstacle(t, variables, made, updated)
            if wrong:
                faults.append(Fault(op.index, op.code, wrong, Node(graph, op).place))
                break
        inputs = tuple(made.get(t, t) for t in op.inputs)
        outputs = op.outputs
        for t in updated:
            if t not in variables or variables[t].after != t or t in made:
                continue
            made[t] = len(tensors)
            tensors.append(replace(tensors[t], index=len(tensors)))
            variables[t] = replace(variables[t], after=made[t])
            outputs = (*outputs, made[t])
        ops.append(replace(op, inputs=inputs, outputs=outputs))
    found = replace(
        graph, tensors=tuple(tensors), ops=tuple(ops), variables=tuple(variables.values())
    )
    return (found if made else graph), tuple(faults)


def _obstacle(
    tensor: int, variables: Mapping[int, object], made: Mapping[int, int], updated: list[int]
) -> str:
    """Why an op cannot update a tensor, as a sentence; "" if it can."""
    if tensor not in variables:
        return (
            f"The op keeps its state in tensor {tensor}, which the file does not say to be a "
            "variable."
        )
    if tensor in made:
        return f"Tensor {tensor} is a variable that an op before this one updates, too."
    if updated.count(tensor) > 1:
        return f"Tensor {tensor} is two variables of this op."
    return ""
