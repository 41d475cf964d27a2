"""The models of cores: what the pipeline model adds to LLVM's scheduling tables, and how far to
trust it.

The Cortex-M0 and M0+ need none of LLVM's tables, see ``timing_table``.

LLVM's tables know neither the cost of a change of flow nor of several registers in one load or
store. Arm documents these for the Cortex-M3 and M4 (Technical Reference Manuals, "Instruction set
summary") and not for the others, where the numbers below are assumptions.

Some cores have a second model, which knows more. Estimates are made by both: the first is the one
that is compared with earlier results.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fwgen.errors import UsageError

UNTESTED = "never, for want of a published measurement of an image at hand"


@dataclass(frozen=True)
class CoreModel:
    """A core by its LLVM name.

    ``macs_per_cycle`` is the most int8 multiply-accumulates that the instruction set allows.
    ``taken_cycles`` are added for each taken branch, but not at the end of a low-overhead loop.
    They are documented for M0 and M0+, and for M3 and M4: 1 to 3; an assumption for others.
    ``loop_start_cycles`` are added for DLS and WLS. ``registers_per_cycle`` is the speed of LDM,
    STM, PUSH and POP. ``extra_cycles`` by mnemonic correct the table where Arm documents another
    number. ``system_cycles`` are those of a barrier or an access to a special register, on cores
    with the timing table of Armv6-M; 0 on others. ``pairs_loads`` on those with that of the
    Cortex-M3 and M4, see ``load_pairing``. ``trust`` says how estimates compared with silicon.
    ``model`` is the version: estimates of different versions are not to be compared.
    """

    name: str
    macs_per_cycle: float
    trust: str
    attributes: str = ""
    taken_cycles: int = 2
    loop_start_cycles: int = 1
    registers_per_cycle: int = 2
    extra_cycles: dict[str, int] = field(default_factory=dict)
    system_cycles: int = 0
    pairs_loads: bool = False
    model: int = 1

    @property
    def tables(self) -> str:
        """Whose cycles of instructions are taken, if not LLVM's."""
        return "Arm's timing table" if self.system_cycles or self.pairs_loads else ""


_MVE = "+mve.fp,+fp64"
_LONG_MULTIPLIES = ("smull", "umull", "smlal", "umlal")

CORES = {
    core.name: core
    for core in (
        CoreModel(
            "cortex-m0",
            macs_per_cycle=0.5,
            trust=UNTESTED,
            registers_per_cycle=1,
            system_cycles=4,
        ),
        CoreModel(
            "cortex-m0plus",
            macs_per_cycle=0.5,
            trust=UNTESTED,
            taken_cycles=1,
            registers_per_cycle=1,
            system_cycles=3,
        ),
        CoreModel(
            "cortex-m3",
            macs_per_cycle=0.5,
            trust=UNTESTED,
            registers_per_cycle=1,
            extra_cycles={"mla": 1, "mls": 1} | dict.fromkeys(_LONG_MULTIPLIES, 2),
        ),
        CoreModel(
            "cortex-m4",
            macs_per_cycle=2.0,
            trust="0.67 to 0.80 of an STM32L4R5, whose flash waits, on MLPerf Tiny with CMSIS-NN",
            registers_per_cycle=1,
            extra_cycles={"smull": -1, "umull": -1},
        ),
        CoreModel(
            "cortex-m33",
            macs_per_cycle=2.0,
            trust="0.87 to 0.94 of an nRF5340 on MLPerf Tiny with CMSIS-NN",
            registers_per_cycle=1,
        ),
        CoreModel("cortex-m7", macs_per_cycle=2.0, trust=UNTESTED),
        CoreModel(
            "cortex-m55",
            macs_per_cycle=8.0,
            trust="15 to 30 % less than an Alif E8 on convolution layers of like shape",
            attributes=_MVE,
        ),
        CoreModel(
            "cortex-m85",
            macs_per_cycle=8.0,
            trust="0.7 to 1.54 times a Renesas RA8D1 on MLPerf Tiny with CMSIS-NN",
            attributes=_MVE,
        ),
    )
}

_OF_M3 = {"mla": 1, "mls": 1} | {"smull": 3, "umull": 3, "smlal": 4, "umlal": 4}
_OF_M33 = {"smull": -1, "umull": -1, "ldrd": 1, "strd": 1}
"""Beyond LLVM's table, which is the Cortex-M4's. Arm publishes none of the M33; that it multiplies
as fast as the M4, and moves a register each cycle, is assumed."""

SECOND_MODELS = {
    core.name: core
    for core in (
        replace(CORES["cortex-m3"], model=2, pairs_loads=True, extra_cycles=_OF_M3),
        replace(CORES["cortex-m4"], model=2, pairs_loads=True, extra_cycles={}),
        replace(CORES["cortex-m33"], model=2, extra_cycles=_OF_M33),
    )
}
"""By the core's name, of the cores that have one."""


def models_of(core: CoreModel) -> tuple[CoreModel, ...]:
    """The core and its second model, if it has one."""
    second = SECOND_MODELS.get(core.name)
    return (core,) if second is None else (core, second)


def find_core(name: str) -> CoreModel:
    """The core of that name. Raises UsageError if there is no model of it."""
    if name not in CORES:
        raise UsageError(
            f"There is no pipeline model of {name[:40]!r}.",
            at="--mcpu",
            tries=(f"one of {', '.join(CORES)}",),
        )
    return CORES[name]
