"""The options of ``fwgen build`` that are about one of several models: NAME/ and what they say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from fwgen.board.placement import OPTION as PLACE
from fwgen.errors import UsageError
from fwgen.model.input_shape import OPTION as INPUT_SHAPE
from fwgen.model.input_shape import InputShape


def shapes_of(names: Sequence[str], shapes: Sequence[InputShape]) -> dict[str, list[InputShape]]:
    """The shapes that are asked for inputs, by model: ``kws=1x49x10`` for the next input of the
    model kws, ``kws/audio=1x49x10`` for its input audio. Raises UsageError."""
    found: dict[str, list[InputShape]] = {name: [] for name in names}
    for each in shapes:
        model, slash, tensor = (each.name or "").partition("/")
        sizes = "x".join(map(str, each.shape))
        if model not in found:
            raise UsageError(
                f"Expected one of the models {', '.join(names)} before the sizes, "
                f"got {each.name or 'none'!a}.",
                at=f"{INPUT_SHAPE} {sizes if each.name is None else f'{each.name}={sizes}'}",
                tries=(
                    f"{INPUT_SHAPE} {names[0]}={sizes}, of its next input",
                    f"{INPUT_SHAPE} {names[0]}/INPUT={sizes}, of the one with that name",
                ),
            )
        found[model].append(replace(each, name=tensor if slash else None))
    return found


def places_of(names: Sequence[str], places: Sequence[str]) -> dict[str, list[str]]:
    """The places that are asked for, by model: ``kws/t3=DTCM`` for a tensor or the scratch of an op
    of the model kws; all others are for all models. Raises UsageError."""
    found: dict[str, list[str]] = {name: [] for name in names}
    for text in places:
        what, equals, regions = text.partition("=")
        model, slash, part = what.partition("/")
        numbered = re.fullmatch(r"(t|op)[0-9]+", part if slash else what)
        if not slash and numbered is None:
            for each in found.values():
                each.append(text)
        elif model in found and numbered is not None:
            found[model].append(f"{part}{equals}{regions}")
        else:
            raise UsageError(
                f"Expected a tensor or an op of one of the models {', '.join(names)}, "
                f"got {what[:80]!a}.",
                at=f"{PLACE} {text[:80]}",
                tries=(f"{PLACE} {names[0]}/{numbered[0] if numbered else 't12'}=REGION",),
            )
    return found


def npus_of(names: Sequence[str], npu: str | None) -> dict[str, str | None]:
    """The NPU that each model is for: ``ethos-u55-128`` for all, ``kws,vad=ethos-u55-128`` for
    these two. Raises UsageError."""
    if npu is None:
        return dict.fromkeys(names)
    given, equals, name = npu.rpartition("=")
    some = given.split(",") if equals else names
    wrong = [each for each in some if each not in names]
    if wrong:
        raise UsageError(
            f"Expected some of the models {', '.join(names)}, got {wrong[0][:80]!a}.",
            at=f"--npu {npu[:80]}",
            tries=(f"--npu {names[0]}={name}, for that model alone", f"--npu {name}, for all"),
        )
    return {each: name if each in some else None for each in names}
