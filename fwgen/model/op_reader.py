"""The ops of a .tflite file: their operators, operands and tables of options."""

from __future__ import annotations

from fwgen.errors import ModelError
from fwgen.model import schema
from fwgen.model.flatbuffer import FlatbufferTable
from fwgen.model.flexbuffer import Flexbuffer
from fwgen.model.graph import Op


def operator_name(code: FlatbufferTable) -> str:
    """The schema's name, or ``CUSTOM name``, or ``BUILTIN n`` for a number without a name."""
    # files older than the wide field have only the narrow one, later ones cap it at 127
    number = max(
        code.i8(schema.OperatorCode.DEPRECATED_BUILTIN_CODE),
        code.i32(schema.OperatorCode.BUILTIN_CODE),
    )
    if number == schema.CUSTOM:
        name = code.text(schema.OperatorCode.CUSTOM_CODE)
        return schema.CUSTOM_OPERATORS.get(name, f"CUSTOM {name}")
    if 0 <= number < len(schema.BUILTIN_OPERATORS):
        return schema.BUILTIN_OPERATORS[number]
    return f"BUILTIN {number}"


def read_op(name: str, index: int, table: FlatbufferTable, codes: list[str]) -> Op:
    """The op of a table. ``codes`` are the file's operators; ``name`` is for errors."""
    code = table.u32(schema.OperatorField.OPCODE_INDEX)
    if code >= len(codes):
        raise ModelError(
            f"Operator code {code} is not among the model's {len(codes)}.", at=f"{name}: op {index}"
        )
    return Op(
        index=index,
        code=codes[code],
        inputs=table.i32_vector(schema.OperatorField.INPUTS),
        outputs=table.i32_vector(schema.OperatorField.OUTPUTS),
        options=_options(name, index, table, codes[code]),
    )


def _options(
    name: str, index: int, table: FlatbufferTable, code: str
) -> FlatbufferTable | Flexbuffer | None:
    """The op's options table, None if the op has no such table; the numbers of a custom one.

    The operator's file reads the fields.
    """
    if code in schema.CUSTOM_OPERATORS.values():
        view = table.view(schema.OperatorField.CUSTOM_OPTIONS)
        return Flexbuffer(view, f"{name}: op {index} {code}")
    if table.has(schema.OperatorField.CUSTOM_OPTIONS) and not code.startswith("CUSTOM"):
        raise ModelError(
            "The op has custom options, with which TFLM takes no builtin operator.",
            at=f"{name}: op {index} {code}",
            tries=("write the model without the field custom_options of this op",),
        )
    type_ = table.u8(schema.OperatorField.BUILTIN_OPTIONS_TYPE)
    expected = schema.options_type(code)
    if expected and type_ not in (0, expected):
        raise ModelError(
            f"The options of this op are of type {type_}, not {expected} "
            f"({schema.OPTIONS[expected]}Options).",
            at=f"{name}: op {index} {code}",
        )
    return table.table(schema.OperatorField.BUILTIN_OPTIONS) if type_ else None
