"""The only door to a model: one question to any OpenAI-compatible endpoint, answered or failed within a bounded time.

It never raises for what an endpoint does, reads at most so many bytes, sends nothing twice without being allowed to by
the ledger (budget, kill switch), and knows nothing of cases.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx2
import openai
from openai import DefaultHttpxClient, OpenAI
from pydantic import BaseModel, ValidationError

from conflicts.recommend.llm.schema import NotAcceptableError
from conflicts.recommend.llm.talk import Answered, Endpoint, Failed, Ledger, Limits, NotNowError, Question, Told

T = TypeVar("T")
FORMATS = ("json_schema", "json_object", "text")
KEPT = 20_000  # characters of an answer that a record keeps
REPAIR = "Your answer cannot be used: {problems} Answer again with the JSON object alone."


@dataclass(eq=False)
class _Call(Exception):  # noqa: N818 - it ends a call, not the question
    """A call that brought no text."""

    why: str
    status: int | None = None
    again: bool = False  # the same may work a moment later
    simpler: str = ""  # the endpoint does not understand: "" or the parameter that it names, "*" the format
    wait: float = 0.0


@dataclass
class _Manner:
    """How an endpoint wants to be asked, learned from its refusals."""

    format: int = 0
    left_out: set[str] = field(default_factory=set)

    def simplify(self, parameter: str) -> bool:
        """Ask more simply next time; False when there is nothing simpler."""
        if parameter in ("max_completion_tokens", "max_tokens") and "max_completion_tokens" not in self.left_out:
            self.left_out.add("max_completion_tokens")
            return True
        if self.format + 1 < len(FORMATS):
            self.format += 1
            return True
        return False


_here = threading.local()


def ask(question: Question[T], *, endpoint: Endpoint, limits: Limits, ledger: Ledger) -> Answered[T] | Failed:
    """Ask once, with one retry and one repair, in simpler formats if the endpoint knows no better one."""
    until, again, repairs = time.monotonic() + limits.seconds, 1, 1
    line = _line(endpoint)
    messages = [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}]
    while True:
        left = until - time.monotonic()
        if left <= 0:
            return Failed("timeout")
        try:
            text = line.call(question, messages, ledger, replace(limits, call_seconds=min(limits.call_seconds, left)))
        except NotNowError as error:
            return Failed(error.why)
        except _Call as error:
            if error.simpler and line.manner.simplify(error.simpler):
                continue
            wait = error.wait or limits.pause
            if not (error.again and again and wait <= limits.pause and time.monotonic() + wait < until):
                return Failed(error.why)  # whoever asks us to come back later is not asked again now
            again -= 1
            time.sleep(wait)
            continue
        try:
            return Answered(question.accept(text))
        except NotAcceptableError as error:
            if not repairs:
                return Failed("not_acceptable", error.problems)
            repairs -= 1
            said = REPAIR.format(problems=" ".join(error.problems)[:600])
            messages = [*messages[:2], {"role": "assistant", "content": text[:4000]}, {"role": "user", "content": said}]


class _Line:
    """A connection to one endpoint, of one thread."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint, self.manner = endpoint, _Manner()
        self.sockets: list[socket.socket] = []
        self.expired = False
        self.most = 0
        web = DefaultHttpxClient(
            follow_redirects=False,  # a redirect would carry our key to another host
            headers={"Accept-Encoding": "identity"},
            event_hooks={"request": [self._watch], "response": [self._cap]},
        )
        # A local server needs no key, but the client insists on one.
        self.client = OpenAI(
            api_key=endpoint.key or "none", base_url=endpoint.url or None, max_retries=0, http_client=web
        )

    def call(self, question: Question[Any], messages: list[dict[str, str]], ledger: Ledger, limits: Limits) -> str:
        """One HTTP request, noted before and after; its text, or _Call."""
        body = self._body(question, messages, limits)
        noted = ledger.begin(question.purpose)
        began, form = time.monotonic(), FORMATS[self.manner.format]
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        told = Told("failed", form, 0.0, request_sha256=digest)
        try:
            raw = self._send(body, limits)
            told = _read(raw, told)
        except _Call as error:
            told = replace(told, outcome=error.why, http_status=error.status)
            raise
        finally:
            ledger.end(noted, replace(told, seconds=time.monotonic() - began))
        if told.outcome != "answered":
            raise _Call(told.outcome, told.http_status)
        return told.text

    def _body(self, question: Question[Any], messages: list[dict[str, str]], limits: Limits) -> dict[str, Any]:
        shapes: dict[str, dict[str, Any]] = {
            "json_schema": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(question.schema)},
            },
            "json_object": {"type": "json_object"},
            "text": {},
        }
        shape = shapes[FORMATS[self.manner.format]]
        if FORMATS[self.manner.format] != "json_schema":
            schema = json.dumps(question.schema)
            system = f"{messages[0]['content']}\nAnswer with one JSON object of this schema and nothing else: {schema}"
            messages = [{"role": "system", "content": system}, *messages[1:]]
        token_limit = "max_tokens" if "max_completion_tokens" in self.manner.left_out else "max_completion_tokens"
        return {
            "model": self.endpoint.model, "messages": messages, token_limit: limits.tokens,
            **({"response_format": shape} if shape else {}),
        }  # fmt: skip

    def _send(self, body: dict[str, Any], limits: Limits) -> httpx2.Response:
        """The raw response; a watchdog ends what does not end by itself, byte by byte too."""
        self.expired, self.most = False, limits.bytes
        watchdog = threading.Timer(limits.call_seconds, self._expire)
        watchdog.daemon = True
        watchdog.start()
        try:
            create = self.client.chat.completions.with_raw_response.create
            return create(**body, timeout=limits.call_seconds).http_response
        except _Call:
            raise
        except (openai.OpenAIError, httpx2.HTTPError, ValueError, OSError) as error:
            raise self._failure(error) from None
        finally:
            watchdog.cancel()

    def _failure(self, error: Exception) -> _Call:
        if isinstance(error.__cause__, _Call):  # the SDK takes what our own hook raised for a broken connection
            return error.__cause__
        if self.expired or isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
            return _Call("timeout", again=True)
        if isinstance(error, openai.APIStatusError):
            return _of_status(error)
        if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | OSError):
            return _Call("unreachable", again=True)
        return _Call("not_an_answer")

    def _expire(self) -> None:
        """The time is up: what the other end still sends is not waited for."""
        self.expired = True
        for sock in self.sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _watch(self, sending: httpx2.Request) -> None:
        """Remember the sockets that a request opens: the watchdog needs them."""
        sending.extensions["trace"] = self._traced

    def _traced(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            sock = info["return_value"].get_extra_info("socket")
            self.sockets = [sock] if sock is not None else []
            if self.expired:  # the time was up before there was a socket to close
                self._expire()

    def _cap(self, response: httpx2.Response) -> None:
        """Count the bytes of an answer, of a refusal too; a packed one could unpack to anything."""
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _Call("not_an_answer", response.status_code)
        response.stream = _Capped(response.stream, self.most, response.status_code)


class _Capped(httpx2.SyncByteStream):
    """A body of at most so many bytes."""

    def __init__(self, stream: Any, most: int, status: int) -> None:
        self.stream, self.left, self.status = stream, most, status

    def __iter__(self) -> Iterator[bytes]:
        for part in self.stream:
            self.left -= len(part)
            if self.left < 0:
                raise _Call("too_much", self.status)
            yield part

    def close(self) -> None:
        self.stream.close()


def _line(endpoint: Endpoint) -> _Line:
    """The thread's line to this endpoint; making one costs more than a call."""
    lines: dict[Endpoint, _Line] = _here.__dict__.setdefault("lines", {})
    if endpoint not in lines:
        hang_up()
        lines[endpoint] = _Line(endpoint)
    return lines[endpoint]


def hang_up() -> None:
    """Close the thread's lines."""
    lines: dict[Endpoint, _Line] = _here.__dict__.setdefault("lines", {})
    for line in lines.values():
        line.client.close()
    lines.clear()


def _of_status(error: openai.APIStatusError) -> _Call:
    status = error.status_code
    if status in (401, 403):
        return _Call("wrong_key", status)
    if status == 404:
        return _Call("not_found", status)
    if status in (400, 422):
        return _Call("bad_request", status, simpler=str(getattr(error, "param", "") or "*"))
    if status == 429:
        return _Call("limited", status, again=True, wait=_seconds(error.response.headers.get("retry-after", "")))
    return _Call("server_error", status, again=status >= 500)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    """What we need of a completion: compatible servers leave out much of the rest."""

    choices: list[_Choice]
    model: str = ""
    usage: _Usage | None = None


def _read(response: httpx2.Response, told: Told) -> Told:
    """The text of a response, or what is wrong with it."""
    request_id = response.headers.get("x-request-id", "")[:100]
    told = replace(told, http_status=response.status_code, request_id=request_id)
    try:
        whole = _Completion.model_validate_json(response.content)
        if not whole.choices:
            raise ValueError("no choice")
    except (ValidationError, ValueError, RecursionError):
        return replace(told, outcome="not_an_answer", text=response.text[:KEPT])
    choice, usage = whole.choices[0], whole.usage or _Usage()
    text = choice.message.content or ""
    outcome = (
        "refused" if choice.message.refusal or choice.finish_reason == "content_filter"
        else "cut_off" if choice.finish_reason == "length"
        else "answered" if text.strip()
        else "empty"
    )  # fmt: skip
    return replace(
        told, outcome=outcome, model=whole.model[:100], text=text[:KEPT + 1],
        tokens_in=min(max(usage.prompt_tokens, 0), 10**7), tokens_out=min(max(usage.completion_tokens, 0), 10**7),
    )  # fmt: skip
