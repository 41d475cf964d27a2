"""The options of ``fwgen build`` for MLPerf Tiny, as a ``Benchmark``."""

from __future__ import annotations

import argparse

from fwgen.errors import UsageError
from fwgen.project.mlperf import TASKS, Benchmark


def benchmark_of(args: argparse.Namespace) -> Benchmark | None:
    """What ``--mlperf`` asks for, if anything. Raises UsageError for energy mode of no task."""
    if args.mlperf is None:
        if args.mlperf_energy:
            raise UsageError(
                "Energy mode was asked for without a task.",
                at="--mlperf-energy",
                tries=tuple(f"--mlperf {name} --mlperf-energy" for name in TASKS),
            )
        return None
    return Benchmark(TASKS[args.mlperf], args.mlperf_energy)


def require_one_model(benchmark: Benchmark | None) -> None:
    """Raise UsageError for a task of several models: runners know of one."""
    if benchmark is not None:
        raise UsageError(
            f"Several models make one image, but {benchmark.task.name} is a task of one.",
            at="--mlperf",
            tries=("fwgen build for each model",),
        )
