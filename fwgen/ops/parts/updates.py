"""The updates of variables: what an op does to an input becomes an output of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Memory, Operator
from fwgen.errors import Fault, ModelError
from fwgen.model.graph import ABSENT, Graph, Op, Tensor, Variable


def with_updates(graph: Graph, known: Mapping[str, Operator]) -> tuple[Graph, tuple[Fault, ...]]:
    """The graph whose ops have the variables that they update as outputs, and a fault for each op
    that cannot.

    Ops that come later read what the update has made. An op whose variables are its outputs already
    stays as it is.
    """
    graph = _with_memory(graph, known)
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


def _with_memory(graph: Graph, known: Mapping[str, Operator]) -> Graph:
    """The graph whose ops have what they keep besides their operands as further inputs."""
    state, tensors, variables, ops = graph.state, list(graph.tensors), list(graph.variables), []
    for op in graph.ops:
        operator = known.get(op.code)
        for one in () if state.intersection(op.inputs) else _memory(Node(graph, op), operator):
            index, name = len(tensors), f"state of op {op.index} {op.code}"
            tensors.append(Tensor(index, name, one.shape, one.element, None, None, None))
            zeros = np.zeros(one.shape, one.element.numpy)
            variables.append(Variable(index, index, zeros))
            op = replace(op, inputs=(*op.inputs, index))
        ops.append(op)
    if len(variables) == len(graph.variables):
        return graph
    return replace(graph, tensors=tuple(tensors), ops=tuple(ops), variables=tuple(variables))


def _memory(node: Node, operator: Operator | None) -> tuple[Memory, ...]:
    """What an op keeps; nothing of one whose operands or options are refused later."""
    if operator is None or not node.outputs or node.inputs[:1] in ((), (ABSENT,)):
        return ()
    try:
        return operator.memory(node)
    except ModelError:
        return ()


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
