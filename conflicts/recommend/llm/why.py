"""Why there is no opinion of the model: codes that are kept, and the sentence that a case page shows for each."""

from __future__ import annotations

SENTENCES = {
    "not_configured": "no model is configured",
    "switched_off": "the model is switched off",
    "off_for_kind": "the model is switched off for this kind of case",
    "budget_case": "this case has used its budget for model calls",
    "budget_day": "the budget for model calls of today is used up",
    "budget_month": "the budget for model calls of this month is used up",
    "resting": "the model's endpoint failed several times, so it is left alone for a while",
    "wrong_key": "the model's endpoint refused our key",
    "not_found": "the model's endpoint does not know this address or model",
    "limited": "the model's endpoint asks us to come back later (too many calls)",
    "server_error": "the model's endpoint failed",
    "unreachable": "the model's endpoint cannot be reached",
    "timeout": "the model did not answer in time",
    "too_much": "the model's endpoint sent far more than an answer",
    "bad_request": "the model's endpoint does not understand our question",
    "not_an_answer": "the model's endpoint sent something that is no answer",
    "empty": "the model sent an empty answer",
    "refused": "the model refused to answer",
    "cut_off": "the model's answer was cut off",
    "not_acceptable": "the model's answer did not pass the checks",
    "changed_when_masked": "the model chose otherwise when what the parties wrote was left out",
    "failed": "the model could not be asked",
}
ENDPOINT = frozenset(
    {
        "wrong_key",
        "not_found",
        "limited",
        "server_error",
        "unreachable",
        "timeout",
        "too_much",
        "bad_request",
        "not_an_answer",
    }
)


def sentence(code: str) -> str:
    """The reason in words, to stand after "because"."""
    return SENTENCES.get(code, SENTENCES["failed"])
