"""What a model may answer, built for each case: its enums are the permitted options and the records that exist.

The JSON schema asks the endpoint for it; `read` checks it here again, since no endpoint has to keep its word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, create_model

from conflicts.recommend.llm.brief import Brief

M = TypeVar("M", bound=BaseModel)
LONGEST_ANSWER, LONGEST_SUMMARY, LONGEST_SENTENCE, LONGEST_QUOTE, MOST_REASONS = 20_000, 900, 300, 400, 6
SHORTEST_SUMMARY, SHORTEST_QUOTE = 30, 12
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)


class NotAcceptableError(ValueError):
    """The answer cannot be used; `problems` say why in sentences that quote nothing of it."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class Given(BaseModel):
    """A reason that a model gives: a record, words of that record, and a sentence."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    evidence: str
    quote: Annotated[str, StringConstraints(min_length=SHORTEST_QUOTE, max_length=LONGEST_QUOTE)]
    sentence: Annotated[str, StringConstraints(min_length=8, max_length=LONGEST_SENTENCE)]


class Reply(BaseModel):
    """A whole answer: the summary, the choice, the reasons, how sure."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    summary: Annotated[str, StringConstraints(min_length=SHORTEST_SUMMARY, max_length=LONGEST_SUMMARY)]
    choice: str
    reasons: Annotated[list[Given], Field(min_length=1, max_length=MOST_REASONS)]
    confidence: Annotated[float, Field(ge=0, le=1)]


class Chosen(BaseModel):
    """The answer to the second question, which asks for the choice alone."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    choice: str


def reply_of(brief: Brief) -> type[Reply]:
    """The answer that this case permits."""
    given = create_model("Given", __base__=Given, evidence=(_one_of(p.label for p in brief.papers), ...))
    reasons: Any = Annotated[list[given], Field(min_length=1, max_length=MOST_REASONS)]  # type: ignore[valid-type]
    choice = _one_of(choice.id for choice in brief.choices)
    return create_model("Reply", __base__=Reply, choice=(choice, ...), reasons=(reasons, ...))


def chosen_of(brief: Brief) -> type[Chosen]:
    """The choice that this case permits."""
    return create_model("Chosen", __base__=Chosen, choice=(_one_of(choice.id for choice in brief.choices), ...))


def _one_of(words: Iterable[str]) -> Any:
    return Literal[tuple(words)]


def json_schema(brief: Brief) -> dict[str, Any]:
    """The whole answer as strict JSON schema, of the parts that every endpoint knows."""
    text = {"type": "string"}
    reason = _object(
        evidence={"type": "string", "enum": [paper.label for paper in brief.papers]}, quote=text, sentence=text
    )
    return _object(
        summary=text,
        choice={"type": "string", "enum": [choice.id for choice in brief.choices]},
        reasons={"type": "array", "items": reason},
        confidence={"type": "number"},
    )


def chosen_schema(brief: Brief) -> dict[str, Any]:
    """The choice alone as strict JSON schema."""
    return _object(choice={"type": "string", "enum": [choice.id for choice in brief.choices]})


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def read(text: str, model: type[M]) -> M:
    """The typed answer that a text holds; fences around it are taken off, nothing else is forgiven."""
    if len(text) > LONGEST_ANSWER:
        raise NotAcceptableError("The answer is too long.")
    try:
        return model.model_validate(json.loads(_bare(text), object_pairs_hook=_once, parse_constant=_no_constant))
    except ValidationError as error:
        raise NotAcceptableError(*dict.fromkeys(_problem(item) for item in error.errors(include_input=False))) from None
    except RecursionError:
        raise NotAcceptableError("The answer is nested too deeply.") from None
    except (ValueError, OverflowError):
        raise NotAcceptableError("The answer is not one JSON object, each key once.") from None


def _bare(text: str) -> str:
    found = _FENCE.match(text)
    return (found.group(1) if found else text).strip().lstrip("\ufeff")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two equal keys one reader takes the first and another the last: neither is right."""
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError("a key stands twice")
    return whole


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _problem(item: Any) -> str:
    """Where and what, without a word of the answer itself: only names of our own fields are repeated."""
    known = {"summary", "choice", "reasons", "evidence", "quote", "sentence", "confidence"}
    place = ".".join(str(part) for part in item["loc"] if part in known or isinstance(part, int)) or "the answer"
    return f"{place}: {PROBLEMS.get(item['type'], 'not as the schema says')}."


PROBLEMS = {
    "missing": "is missing",
    "extra_forbidden": "has a field that the schema does not know",
    "literal_error": "is none of the permitted values",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "too_long": "has too many entries",
    "too_short": "has too few entries",
}
