"""The faults of the Ethos-U (npu): names and registers of docs/protocol.md -> a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from fwgen.npu.payload import PRODUCTS

_MEANING = {
    "npu-absent": "There is no NPU at the board's address: its ID and CONFIG read as 0",
    "npu-reset": "The NPU did not come out of its reset",
    "npu-protection": "The NPU did not take the access rights that were asked for",
    "npu-bus-error": "The NPU was refused an access to memory",
    "npu-parse-error": "The NPU does not know a command of its stream",
    "npu-weight-fault": "The NPU could not decode weights",
    "npu-ecc-fault": "The NPU's memory has an error",
    "npu-branch-fault": "The NPU's command stream has a branch to nowhere",
    "npu-end-not-reached": "The NPU stopped before the end of its command stream",
    "npu-timeout": "The NPU did not finish in time",
    "npu-no-interrupt": "The NPU finished, but its interrupt was not handled",
}
_WRONG = frozenset(
    f"npu-{what}"
    for what in ("wrong-product", "wrong-macs", "wrong-ports", "wrong-version", "no-custom-dma")
)


def explain(fields: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The sentence for a fault's fields, without its end, and what to try; "" for other faults."""
    name = fields.get("name", "")
    if name not in _WRONG:
        return _MEANING.get(name, ""), ()
    there, wanted = (_configuration(fields.get(f"npu_{key}", "")) for key in ("config", "wanted"))
    sentence = f"The NPU is {there}, but its command stream is for {wanted}"
    if there == wanted:
        return f"{sentence} of another version", ()
    return sentence, (f"fwgen build --npu {there}",) if there.startswith("ethos-") else ()


def _configuration(word: str) -> str:
    """CONFIG in hex -> "ethos-u55-128"."""
    try:
        config = int(word, 16)
    except ValueError:
        return "unknown"
    product = PRODUCTS.get(config >> 28)
    return f"{product}-{1 << (config & 0xF)}" if product else f"one of CONFIG {config:08x}"
