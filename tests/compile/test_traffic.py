"""Accesses behind a data cache: words of the lines that it has to bring, counted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from fwgen.board import Board, load_board
from fwgen.compile.plan.traffic import Accesses, accesses
from fwgen.compile.request import Request
from fwgen.compile.select.choices import choices_of
from fwgen.compile.select.choices import select as select_for
from fwgen.kernels.providers import providers_of
from fwgen.model.graph import Graph
from fwgen.pipeline import compile_graph
from tests.compile.kernel_selection import select
from tests.tflite_models.hand_made import convolution
from tests.tflite_models.tflm import load

M55, M4 = load_board("corstone-300"), load_board("mps2-an386")
SIDE, DEPTH, CHANNELS = 10, 64, 128


def pointwise() -> Graph:
    """1x1 on 10x10 pixels: 8,192 bytes of weights, 6,400 of input, 12,800 of output."""
    weights = np.random.default_rng(0).integers(-127, 128, (CHANNELS, 1, 1, DEPTH)).astype(np.int8)
    shapes = (1, SIDE, SIDE, DEPTH), (1, SIDE, SIDE, CHANNELS)
    return load(convolution(shapes[0], weights, shapes[1], padding="VALID"))


def windows() -> Graph:
    """3x3 on 10x10 pixels of 16 channels: a row of the input has 160 bytes."""
    weights = np.random.default_rng(0).integers(-127, 128, (16, 3, 3, 16)).astype(np.int8)
    return load(convolution((1, 10, 10, 16), weights, (1, 8, 8, 16), padding="VALID"))


def counted(graph: Graph, board: Board, cache_bytes: int) -> tuple[Accesses, int]:
    selection = select(graph, board, "speed")
    (found,) = accesses(graph, selection, cache_bytes)
    return found, selection.chosen[0].constant_bytes


def words(found: Mapping[int, float], tensors: tuple[int, ...]) -> float:
    return sum(found[t] for t in tensors)


def test_what_the_cache_keeps_is_brought_once() -> None:
    graph = pointwise()
    found, constants = counted(graph, M55, 32 << 10)
    assert words(found.tensors, graph.inputs) == SIDE * SIDE * DEPTH / 4
    assert words(found.tensors, graph.outputs) == SIDE * SIDE * CHANNELS / 4
    assert found.constants == constants / 4


def test_a_kernel_that_goes_by_blocks_of_channels_reads_its_input_again_and_again() -> None:
    """On vectors all pixels go through 8 channels before the next 8; half of 4 KB keeps neither."""
    graph = pointwise()
    found, constants = counted(graph, M55, 4 << 10)
    assert words(found.tensors, graph.inputs) == SIDE * SIDE * DEPTH / 4 * CHANNELS / 8
    assert found.constants == constants / 4


def test_a_kernel_that_goes_by_pixels_reads_its_constants_again_and_again() -> None:
    """With the DSP extension 4 pixels go through all channels before the next 4."""
    graph = pointwise()
    found, constants = counted(graph, M4, 4 << 10)
    assert words(found.tensors, graph.inputs) == SIDE * SIDE * DEPTH / 4
    assert found.constants == pytest.approx(constants / 4 * SIDE * SIDE / 4)
    whole, _ = counted(graph, M4, 64 << 10)
    assert whole.constants == constants / 4


def test_rows_under_a_window_are_kept_or_read_for_each_window() -> None:
    graph, request = windows(), Request(M4, providers=providers_of("reference", cmsis_nn=False))
    plain = select_for(choices_of(graph, request), request)
    (every,) = accesses(graph, plain)
    (kept,) = accesses(graph, plain, 2 * 3 * 160)
    assert words(kept.tensors, graph.inputs) == 10 * 10 * 16 / 4
    (small,) = accesses(graph, plain, 2 * 3 * 160 - 2)
    assert words(small.tensors, graph.inputs) == words(every.tensors, graph.inputs)
    assert words(every.tensors, graph.inputs) == pytest.approx(8 * 8 * 9 * 16 / 4)


def test_waiting_is_words_times_the_wait_states_of_a_word() -> None:
    """All in a region that brings 32 bytes in 64 idle cycles, 8 for a word."""
    graph = pointwise()
    regions = tuple(
        replace(r, wait_states=64, access_bytes=32) if r.name in ("ISRAM", "QSPI") else r
        for r in M55.regions
    )
    place = {**M55.place, "arena": ("ISRAM",), "weights": ("QSPI",)}
    slow = replace(M55, regions=regions, place=place)
    found, constants = counted(graph, slow, 32 << 10)
    program = compile_graph(graph, Request(slow, "speed"))
    assert program.constant_wait_cycles == 8 * constants / 4
    assert program.plan.wait_cycles == 8 * (sum(found.tensors.values()) + found.scratch)
    uncached = replace(slow, sections={k: v for k, v in slow.sections.items() if k != "cache"})
    assert compile_graph(graph, Request(uncached, "speed")).wait_cycles > 4 * program.wait_cycles
