"""CUSTOM ethos-u: what an Arm Ethos-U does, by a command stream that Vela made."""

from __future__ import annotations

from fwgen.contract.call import Call, Calls, Null, Params, Ref, Scratch
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.errors import ModelError
from fwgen.npu.model.npu_macs import macs
from fwgen.npu.offload import CODE, Offload

TYPES = ((None, None),)
"""Any: Vela wrote the stream for the types that the tensors have."""

CPU_CYCLES = 0.0
"""Of the core, which waits: what the NPU takes is not known here, and the rest is little."""


def _options(fields: Fields) -> object:
    """What ``npu.offload`` made of the op's operands; None if it did not see the model."""
    return fields if isinstance(fields, Offload) else None


def _check(node: Node) -> None:
    if not isinstance(node.options, Offload):
        raise ModelError("The op's command stream has not been read.", at=node.place)


def _offload(node: Node) -> Offload:
    assert isinstance(node.options, Offload)
    return node.options


def _calls(node: Node) -> Calls:
    offload = _offload(node)
    payload, constants = (node.tensors[t] for t in node.inputs[-2:])
    fast = None if offload.fast is None else node.tensors[offload.fast]
    sizes = (
        ("payload_bytes", payload.bytes),
        ("weights_bytes", constants.bytes),
        ("arena_bytes", offload.arena_bytes),
        ("fast_bytes", fast.bytes if fast else 0),
    )
    return (
        Call(
            "fw_ethos_u",
            (
                Ref(payload.index),
                Ref(constants.index) if constants.bytes else Null(),
                Scratch(),
                Ref(fast.index) if fast else Null(),
                Params("fw_ethos_u_params", sizes),
            ),
        ),
    )


def _forms(node: Node) -> tuple[Form, ...]:
    # all of the arena that the stream is for, but for the activations that have places in it
    return (
        Form(
            _calls(node),
            CPU_CYCLES,
            scratch_bytes=_offload(node).arena_bytes,
            pinned_scratch_at=0,
        ),
    )


OPERATOR = Operator(
    code=None,
    name=CODE,
    options=_options,
    check=_check,
    types=TYPES,
    reference=(Kernel(CODE, "ethos_u", "fwgen", _forms, types=TYPES),),
    macs=lambda node: macs(_offload(node).payload),
)
