"""A mail server and a receiver of webhooks on this machine: real protocols over real sockets, for the tests of notices."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Mailbox:
    """What a mail server got: raw messages with their recipients. `answer` is what it says to the next recipients."""

    port: int
    raw: list[tuple[list[str], bytes]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Accept or refuse a recipient."""
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a message."""
        self.raw.append((list(envelope.rcpt_tos), envelope.content))
        return "250 Message accepted"

    @property
    def mails(self) -> list[EmailMessage]:
        """The messages, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for _, raw in self.raw]  # type: ignore[misc]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server for as long as the block runs."""
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server that keeps what it got. `answers`: what the next requests are answered, the last one for ever.

    An answer is (status, headers); "hang" answers nothing, "drip" a byte now and then.
    """

    url: str = ""
    answers: list[Any] = field(default_factory=lambda: [(200, {})])
    got: list[Got] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
            if answer == "hang":
                receiver.ended.wait(30)
            elif answer == "drip":
                self._drip()
            else:
                self._answer(*answer)

        do_GET = do_POST  # noqa: N815 (a followed redirect would be a GET)

        def _answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"content-length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def _drip(self) -> None:
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 200:
                try:
                    self.wfile.write(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.05)

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    return Handler


@contextmanager
def webhook_receiver() -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/notices"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
