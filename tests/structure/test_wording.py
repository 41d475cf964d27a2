"""The wording of docstrings: short sentences, and first lines that say what a module is."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "fwgen").rglob("*.py"))
MOST_WORDS = 30
NO_NOUN = {"How", "What", "Where", "Whether", "Which", "When", "Why", "Whose", "That", "If"}


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of the docstrings of modules, classes, functions and assigned names."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for before, one in zip([node, *body], body, strict=False):
            named = isinstance(before, ast.Assign | ast.AnnAssign) or before is node
            value = one.value if named and isinstance(one, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield one.lineno, inspect.cleandoc(value.value)


def sentences(text: str) -> Iterator[str]:
    """Sentences of a docstring; a paragraph or a list item ends one, too."""
    for part in re.split(r"\n\s*\n|\n(?=\s*- )", text):
        yield from re.split(r"(?<=[.!?])\s+", " ".join(part.split()))


def words(sentence: str) -> list[str]:
    return [word for word in sentence.split() if re.search(r"\w", word)]


def test_no_sentence_of_a_docstring_is_long() -> None:
    long = [
        f"{module.relative_to(ROOT)}:{line}: {len(words(sentence))} words: {sentence}"
        for module in MODULES
        for line, text in docstrings(ast.parse(module.read_text()))
        for sentence in sentences(text)
        if len(words(sentence)) > MOST_WORDS
    ]
    assert not long, "\n".join(long)


def test_the_first_line_of_a_module_is_a_noun_that_its_name_says() -> None:
    """``packing.py`` begins "The packing of ...": a word of the name is there, or its beginning."""
    wrong = []
    for module in MODULES:
        text = ast.get_docstring(ast.parse(module.read_text())) or ""
        first = " ".join(text.split("\n\n")[0].split())
        name = module.parent.name if module.stem == "__init__" else module.stem
        parts = [part for part in name.split("_") if len(part) > 1]
        named = any(part[: max(3, len(part) - 3)] in first.lower() for part in parts)
        if not named or words(first)[0] in NO_NOUN:
            wrong.append(f"{module.relative_to(ROOT)}: {first}")
    assert not wrong, "\n".join(wrong)


def test_long_sentences_are_counted() -> None:
    """The rules above would find what they are for."""
    tree = ast.parse(f'"""Noun.\n\n{"word " * 31}end.\n"""\nX = 1\n"""{"more " * 40}"""\n')
    counts = [len(words(s)) for _, text in docstrings(tree) for s in sentences(text)]
    assert counts == [1, 32, 40]
