"""Which model is configured, and what the settings allow it."""

from decimal import Decimal

from django.conf import settings

from conflicts.recommend.llm.talk import Endpoint, Limits

MILLION = Decimal(1_000_000)


def endpoint() -> Endpoint | None:
    """Where the model is; None when none is configured or the environment switches it off."""
    if settings.MODEL_OFF or not (settings.MODEL_KEY or settings.MODEL_URL):
        return None
    return Endpoint(settings.MODEL_KEY, settings.MODEL_URL, settings.MODEL_NAME)


def why_none() -> str:
    """Why there is no endpoint: a code of why.SENTENCES."""
    return "switched_off" if settings.MODEL_OFF else "not_configured"


def limits() -> Limits:
    """How long and how much."""
    return Limits(
        call_seconds=settings.MODEL_CALL_SECONDS, seconds=settings.MODEL_SECONDS, pause=settings.MODEL_PAUSE_SECONDS
    )


def cost_of(tokens_in: int, tokens_out: int) -> Decimal:
    """What a call cost, by the prices of the settings."""
    spent = tokens_in * Decimal(settings.MODEL_PRICE_IN) + tokens_out * Decimal(settings.MODEL_PRICE_OUT)
    return (spent / MILLION).quantize(Decimal("0.000001"))
