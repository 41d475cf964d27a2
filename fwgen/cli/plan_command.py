"""``fwgen plan``: buffers with known lifetimes, placed in as little memory as possible."""

from __future__ import annotations

import argparse
import time

from fwgen.compile.plan import plan_table
from fwgen.compile.plan.table import read_table, write_table
from fwgen.errors import DoesNotFit
from fwgen.host.files import require_writable, write_json
from fwgen.report.arena import arena_data, arena_text


def run(args: argparse.Namespace) -> int:
    """Place a table of buffers; raises DoesNotFit if they need more than the capacity."""
    capacity, budget = args.capacity, args.budget
    require_writable(args.out)
    table = read_table(args.buffers)
    began = time.perf_counter()
    solution = plan_table(table, capacity, budget)
    print(arena_text(solution, capacity, time.perf_counter() - began))
    data = arena_data(solution, table.ids, capacity)
    if capacity is not None and solution.bytes > capacity:
        proven = solution.lower_bound_bytes > capacity
        error = DoesNotFit(
            f"The buffers do not fit {capacity:,} bytes: "
            + ("proven infeasible." if proven else f"no plan within {budget:,} nodes."),
            at=str(args.buffers),
            tries=(f"--capacity {solution.bytes}, which they do fit",)
            + (() if proven else (f"--budget {10 * budget}",)),
        )
        error.found = data
        raise error
    write_json(args.json, data)
    if args.out is not None:
        write_table(args.out, table, solution.offsets)
    return 0
