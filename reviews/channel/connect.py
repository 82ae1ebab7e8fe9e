"""HTTP to addresses that partners name: public ones alone, within a few seconds, without redirects, nothing read back.

A name is resolved once, every address that it has is judged, and the connection goes to one of those: no second answer
of a name server can lead it to our own network. No proxy of the environment is asked.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore2

from reviews.writeback.errors import DeliveryError

SECONDS = 10.0  # for everything: name, connection, request, first line and headers of the answer


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and what Retry-After said ("" = nothing)."""

    status: int
    retry_after: str = ""


def post(url: str, headers: Mapping[str | bytes, str | bytes], body: bytes, *, loopback: bool = False) -> Answer:
    """Send a body; whatever keeps an answer from coming is a DeliveryError with a sentence for people."""
    until = time.monotonic() + SECONDS
    context = ssl.create_default_context()
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=_Public(until, loopback)) as pool,
            pool.stream("POST", url, headers=headers, content=body) as response,
        ):
            said = {name.lower(): value for name, value in response.headers}
            return Answer(response.status, said.get(b"retry-after", b"").decode("latin-1")[:100])
    except httpcore2.TimeoutException:
        raise DeliveryError(f"No answer within {SECONDS:g} seconds.") from None
    except ssl.SSLError:
        raise DeliveryError("The certificate of the address was not accepted.") from None
    except (httpcore2.NetworkError, OSError):
        raise DeliveryError("No connection came about: is the address right, and the certificate valid?") from None
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol):
        raise DeliveryError("What came back was not HTTP.") from None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; what wraps another address is judged by that one too."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if not all(is_public(str(other)) for other in inner if other is not None):
            return False
        if ip.ipv4_mapped is not None:
            return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine."""
    return ipaddress.ip_address(address.split("%")[0]).is_loopback


def _addresses(host: str, port: int, loopback: bool) -> list[str]:
    """Where a host is; refused if any of its addresses is not public. The sentence tells no more than that."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        found = []
    allowed = [ip for ip in found if is_public(ip) or (loopback and is_loopback(ip))]
    if not found or len(allowed) < len(found):
        raise DeliveryError("No public address was found for this host.")
    return allowed


class _Public(httpcore2.NetworkBackend):
    """Connects to public addresses only, and hands out streams that end in time."""

    def __init__(self, until: float, loopback: bool) -> None:
        self._until, self._loopback, self._real = until, loopback, httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        """Resolve, judge, connect to the first address that answers."""
        failure: Exception = httpcore2.ConnectError("nowhere")
        for address in _addresses(host, port, self._loopback):
            try:
                stream = self._real.connect_tcp(address, port, _left(self._until), local_address, socket_options)
                return _Bounded(stream, self._until)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """No address means one."""
        raise httpcore2.ConnectError(path)


class _Bounded(httpcore2.NetworkStream):
    """A stream whose every step ends by one time: who answers a byte a second does not hold a worker."""

    def __init__(self, stream: httpcore2.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream."""
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream."""
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        """As the stream."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """As the stream; the name of the address is what the certificate is checked against."""
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        """As the stream."""
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("time is over")
    return left
