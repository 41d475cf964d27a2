"""The providers of kernels: fwgen's own, the reference's, those of a library at hand."""

from __future__ import annotations

from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.errors import UsageError
from fwgen.kernels import families, kernels_of
from fwgen.ops import operators

CMSIS_NN = "cmsis-nn"
"""The provider whose kernels call Arm's library."""

Providers = tuple[frozenset[str], ...]
"""Providers of equal rank; those of the next rank serve only ops for which these have nothing."""

OWN: Providers = (frozenset({"fwgen", "reference"}),)

_RANKS: dict[str, Providers] = {
    "fwgen": OWN,
    "reference": (frozenset({"reference"}), frozenset({"fwgen"})),
    CMSIS_NN: (frozenset({CMSIS_NN}), *OWN),
}


def providers_of(kernels: str, cmsis_nn: bool) -> Providers:
    """The providers that an argument of ``--kernels`` stands for.

    "auto" stands for all at hand; ``cmsis_nn`` says whether CMSIS-NN is.
    """
    if kernels == "auto":
        return (OWN[0] | {CMSIS_NN},) if cmsis_nn else OWN
    return _RANKS[kernels]


def without_libraries(providers: Providers) -> Providers:
    """The same, of kernels that come with fwgen."""
    return tuple(rank - {CMSIS_NN} for rank in providers if rank - {CMSIS_NN})


def alone(providers: Providers) -> tuple[Providers, ...]:
    """If a library and fwgen's own have the same rank: each before the other."""
    if CMSIS_NN not in providers[0] or len(providers[0]) == 1:
        return ()
    return _RANKS[CMSIS_NN], OWN


def offers(kernel: Kernel, node: Node) -> bool:
    """Whether a row of the op's operator is offered for it: of one that is not plain only the
    reference."""
    plain = kernel.provider == "reference" or operators()[node.code].plain(node)
    return plain and kernel.takes(node)


def able(node: Node, features: frozenset[str]) -> tuple[Kernel, ...]:
    """The kernels of any provider that compute the op on a core with ``features``."""
    return tuple(v for v in kernels_of(node.code) if v.runs_on(features) and offers(v, node))


def usable(node: Node, features: frozenset[str], providers: Providers) -> tuple[Kernel, ...]:
    """The kernels that compute the op on a core with ``features``, of the first rank with any."""
    found = able(node, features)
    for rank in providers:
        ranked = tuple(v for v in found if v.provider in rank)
        if ranked:
            return ranked
    return ()


def require_provider(kernels: str) -> None:
    """Raise UsageError where ``--kernels`` names a provider of which there is no family."""
    known = {row.provider for rows in families().values() for row in rows}
    if kernels in _RANKS and kernels not in known | {"reference"}:
        raise UsageError(
            f"This fwgen has no kernels of {kernels}: no folder of fwgen/kernels has rows of it.",
            at=f"--kernels {kernels}",
            tries=("--kernels fwgen", "an installation of fwgen with all folders"),
        )
