"""Standard blocks: questions written once, put into every form that includes them (FRM-2, ACC-7)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from moothall.domain.forms.definition import Asked, Block, Form, Include, Page, Question, parse_block
from moothall.domain.workflow.parts import Fault, Faulty, Part
from moothall.domain.workflow.place import unknown

FOLDER = Path(__file__).parent / "blocks"
P = TypeVar("P", bound=Part)
_ANSWER = re.compile(r"\banswers\.([a-z][a-z0-9_]*)")


@lru_cache(maxsize=1)
def built_in() -> Mapping[str, Block]:
    """The blocks that come with the product, by key."""
    found = [parse_block(path.read_text(), file=f"blocks/{path.name}") for path in sorted(FOLDER.glob("*.yaml"))]
    return {block.key: block for block in found}


def put_in(form: Form, blocks: Mapping[str, Block], *, file: str) -> Form:
    """The form with the questions of its blocks in their place. Raises Faulty for a block nobody knows."""
    found: list[Fault] = []
    pages = tuple(_page(page, blocks, found, file) for page in form.pages)
    if found:
        raise Faulty(found)
    return changed(form, pages=pages)


def _page(page: Page, blocks: Mapping[str, Block], found: list[Fault], file: str) -> Page:
    questions = [one for asked in page.questions for one in _of(asked, page, blocks, found, file)]
    return changed(page, questions=tuple(questions))


def changed(part: P, **fields: Any) -> P:
    """The same part of a definition with other fields, and nothing remembered of it."""
    return cast("P", type(part).model_construct(**{**dict(part), **fields}))


def _of(asked: Asked, page: Page, blocks: Mapping[str, Block], found: list[Fault], file: str) -> tuple[Asked, ...]:
    if not isinstance(asked, Include):
        return (asked,)
    block = blocks.get(asked.block)
    if block is None:
        found.append(Fault(file, page.id, "questions", unknown("block", asked.block, blocks), None, "page"))
        return ()
    return tuple(_renamed(question, asked, block) for question in block.questions)


def _renamed(question: Question, include: Include, block: Block) -> Question:
    """A question of a block as it is asked here: under its own id, with the conditions of both."""
    own = {one.id for one in block.questions}
    prefix = f"{include.as_}_" if include.as_ else ""

    def here(condition: str) -> str:
        return _ANSWER.sub(lambda found: f"answers.{prefix if found[1] in own else ''}{found[1]}", condition)

    conditions = [here(question.when)] if question.when else []
    conditions += [include.when] if include.when else []
    when = " && ".join(f"({one})" for one in conditions) if len(conditions) == 2 else next(iter(conditions), None)
    return changed(
        question,
        id=f"{prefix}{question.id}",
        optional=question.optional or include.optional,
        when=when,
        fact=question.fact if include.facts else None,
        known=question.known and include.known,
        checks=tuple(changed(check, rule=here(check.rule)) for check in question.checks),
    )
