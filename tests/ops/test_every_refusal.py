"""Every refusal of every operator: provoked, told in a sentence, and no model accepted wrongly."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pytest

from fwgen.errors import ModelError
from fwgen.model.check import check
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Quant, Tensor
from fwgen.model.reader import read_model
from fwgen.ops import operators
from tests.ops.changed_models import changed
from tests.ops.drawn import (
    CODES,
    assert_exact,
    inputs_of,
    outcomes,
    refusal,
    tflm_outputs,
    types_of,
)
from tests.ops.refusal_sites import Site, passed, reachable
from tests.tflite_models import ModelBuilder
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw

CHANGED_SEEDS = (0, 1)
"""Random models of each operator that are then changed in every place."""


@pytest.mark.parametrize("code", CODES)
def test_refused_with_a_sentence(code: str) -> None:
    rows = list(cases_of(code).refused())
    for row in rows:
        error = refusal(read_model(row.model, "m"))
        assert error is not None, row.words
        assert row.words in error.what
        assert_sentence(error, code)
    runs = [(row.model, inputs_of(row.model, np.random.default_rng(1))) for row in rows]
    refused = [output is None for output in tflm_outputs(runs)]
    assert not [r.words for r, by in zip(rows, refused, strict=True) if r.by_tflm and not by]


def assert_sentence(error: ModelError, code: str) -> None:
    """Assert that an error says where it is and what is wrong, as one line that ends."""
    assert error.at == f"m: op 0 {code}"
    assert error.what.endswith(".") and "\n" not in error.what and len(error.what.split()) > 2


@dataclass(frozen=True)
class Verdict:
    """What becomes of a changed model: an error of ``check``, or a graph that it accepts.

    ``sound`` says whether the model is one in the eyes of the check of whole models.
    """

    name: str
    model: bytes
    sound: bool
    error: ModelError | None


@cache
def verdicts(code: str) -> tuple[Verdict, ...]:
    """Of random models of an operator, changed in every place."""
    found = []
    sources = [(seed, None) for seed in CHANGED_SEEDS]
    sources += [(9, dtype) for dtype in types_of(code)[1:]]
    for seed, dtype in sources:
        for name, model in changed(partial(random_model, code, seed, dtype)):
            try:
                graph = read_model(model, "m")
            except ModelError:
                continue
            sound = is_sound(graph)
            try:
                error = refusal(graph)
            except Exception:
                assert not sound, f"{seed} {dtype} {name}"  # no model may end in a traceback
                continue
            found.append(Verdict(f"{seed} {dtype} {name}", model, sound, error))
    return tuple(found)


def random_model(code: str, seed: int, dtype: str | None) -> ModelBuilder:
    m, d, cases = ModelBuilder(), Draw(np.random.default_rng(seed)), cases_of(code)
    cases.append(m, d, cases.source(m, d, dtype))
    return m


def is_sound(graph: Graph) -> bool:
    """Whether the check of whole models, which comes before that of ops, refuses nothing.

    It refuses models that are float throughout: this one has an int8 input beside.
    """
    index = len(graph.tensors)
    beside = Tensor(index, "beside", (1,), Element.S8, Quant((1.0,), (0,), 0), None, index)
    tensors, inputs = (*graph.tensors, beside), (*graph.inputs, index)
    try:
        check(replace(graph, tensors=tensors, inputs=inputs))
    except ModelError:
        return False
    return True


@pytest.mark.parametrize("code", CODES)
def test_changed_models_are_refused_or_compute_as_tflm_does(code: str) -> None:
    runs, names = [], []
    for verdict in verdicts(code):
        if verdict.error is not None:
            assert_sentence(verdict.error, code)
        elif verdict.sound:
            inputs = inputs_of(verdict.model, np.random.default_rng(1))
            runs.append((verdict.model, inputs))
            names.append(verdict.name)
    expected = tflm_outputs(runs)
    assert not [name for name, y in zip(names, expected, strict=True) if y is None]
    assert_exact(outcomes(runs, expected))
    assert 10 < len(runs) < 0.9 * len(verdicts(code))


@cache
def sites_passed(code: str) -> frozenset[Site]:
    """The sites through which refused models of an operator were refused."""
    errors = [refusal(read_model(row.model, "m")) for row in cases_of(code).refused()]
    errors += [verdict.error for verdict in verdicts(code)]
    passes = [passed(error.__traceback__) for error in errors if error is not None]
    return frozenset().union(*passes)


def sites_of(code: str) -> dict[str, set[Site]]:
    """By module, the sites that ``check`` of an operator reaches."""
    found: dict[str, set[Site]] = {}
    for function, sites in reachable(operators()[code].check).items():
        found.setdefault(function.__module__, set()).update(sites)
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_in_the_file_of_an_operator_is_provoked(code: str) -> None:
    """In the file that states the operator and in the one that its ``check`` is in."""
    home = {module_of(code), operators()[code].check.__module__}
    sites = set().union(*(of for module, of in sites_of(code).items() if module in home))
    assert sites
    assert not [site.text for site in sorted(sites - sites_passed(code))]


def test_every_refusal_that_operators_share_is_provoked() -> None:
    sites = set().union(*(of for code in CODES for of in sites_of(code).values()))
    provoked = frozenset().union(*map(sites_passed, CODES))
    assert len(sites) > 100
    assert not [site.text for site in sorted(sites - provoked)]


def module_of(code: str) -> str:
    """The module whose ``OPERATOR`` it is."""
    modules = [(name, getattr(module, "OPERATOR", None)) for name, module in sys.modules.items()]
    (found,) = (name for name, operator in modules if operator is operators()[code])
    return found
