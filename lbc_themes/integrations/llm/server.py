"""One question to an OpenAI-compatible interface (Ollama, vLLM, llama.cpp's server), and its answer."""

import contextlib
import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message

# Where a language model is asked: an address on this machine, unless the person allowed another.

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\@]")
EXAMPLE = "http://127.0.0.1:8080/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A checked address. ``numbers`` is the IP address to connect to, so that a name is not looked up twice."""

    scheme: str
    host: str
    port: int
    path: str
    numbers: str
    loopback: bool

    @property
    def shown(self) -> str:
        """The host and port, as they are recorded."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def checked_address(address: str, *, allow_remote: bool = False) -> Address:
    """Return the parts of ``address``, the base of an OpenAI-compatible interface such as http://127.0.0.1:8080/v1.

    Refuses anything but http and https, user names in the address, and, unless ``allow_remote``, every host of whose
    IP addresses one is not a loopback address. Another machine is asked by https only.
    """
    parts = None if _UNSAFE.search(address) else _split(address)
    if parts is None or parts[0] not in ("http", "https"):
        raise InputError(message("integrations.address_taken_give_http", address=address, example=EXAMPLE))
    scheme, host, port, path = parts
    numbers = _looked_up(host, port)
    loopback = all(_is_loopback(number) for number in numbers)
    if not loopback and not allow_remote:
        raise InputError(message("integrations.machine_no_text_leaves", host=host, numbers=[*numbers], example=EXAMPLE))
    if not loopback and scheme != "https":
        raise InputError(message("integrations.another_machine_text_sent", host=host, scheme=scheme))
    return Address(scheme=scheme, host=host, port=port, path=path, numbers=numbers[0], loopback=loopback)


def _split(address: str) -> tuple[str, str, int, str] | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.query or parts.fragment or port == 0:
        return None
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/")


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(message("integrations.host_known_check_address", host=host, error=error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_loopback(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


LARGEST = 1 << 20
"""Bytes of an answer that are read; a longer one is refused."""

MOST_TOKENS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where and how to ask. ``timeout`` is the seconds that one answer may take in all."""

    address: Address
    model: str
    timeout: float
    api_key: str = ""

    def answer(self, system: str, user: str) -> str:
        """Return what the model says. A server that does not answer as it should is an error, never another method.

        No proxy is used, and a redirect is an error: the text goes to the address that was checked and nowhere else.
        """
        body = {
            "model": self.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": 0,
            "seed": 0,
            "max_tokens": MOST_TOKENS,
            "response_format": {"type": "json_object"},
        }
        try:
            status, held = self._posted(json.dumps(body).encode())
        except (OSError, http.client.HTTPException) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise self._fault(message("integrations.gave_no_answer", why=why)) from error
        if status != http.client.OK:
            raise self._fault(message("integrations.answered_status", status=status))
        return self._content(held)

    def _posted(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.address.host, self.address.port)
        connection.sock = self._socket()
        late = threading.Event()
        ended = threading.Timer(self.timeout, _end, (connection.sock, late))
        ended.daemon = True
        ended.start()
        try:
            response = self._response(connection, body)
            held = response.read(LARGEST + 1)
        except (OSError, http.client.HTTPException):
            if not late.is_set():
                raise
        finally:
            ended.cancel()
            connection.close()
        if late.is_set():
            raise TimeoutError(f"not done after {self.timeout:g} s")
        if len(held) > LARGEST:
            raise self._fault(message("integrations.answered_too_much", most=LARGEST))
        return response.status, held

    def _response(self, connection: http.client.HTTPConnection, body: bytes) -> http.client.HTTPResponse:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        connection.request("POST", f"{self.address.path}/chat/completions", body, headers)
        return connection.getresponse()

    def _socket(self) -> socket.socket:
        plain = socket.create_connection((self.address.numbers, self.address.port), timeout=self.timeout)
        if self.address.scheme == "http":
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self.address.host)
        except BaseException:
            plain.close()
            raise

    def _content(self, held: bytes) -> str:
        try:
            found: Any = json.loads(held)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise self._fault(message("integrations.answered_otherwise")) from error
        if not isinstance(found, str):
            raise self._fault(message("integrations.answered_otherwise"))
        return found

    def _fault(self, what: Bilingual) -> InputError:
        return InputError(message("integrations.language_model_see_runs", shown=self.address.shown, what=what))


def _end(plain: socket.socket, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)
