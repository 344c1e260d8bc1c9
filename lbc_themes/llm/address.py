"""Where a language model is asked: an address on this machine, unless the person allowed another."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from lbc_themes.core.errors import InputError

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
        raise InputError(
            f"the address {address!r} is not taken: give http or https, a host, a port and a path without user names, "
            f"such as {EXAMPLE}"
        )
    scheme, host, port, path = parts
    numbers = _looked_up(host, port)
    loopback = all(_is_loopback(number) for number in numbers)
    if not loopback and not allow_remote:
        raise InputError(
            f"{host} is not this machine ({', '.join(numbers)}), and no text leaves it; run the model here, at "
            f"{EXAMPLE}, or pass allow_remote=True to send pseudonymised text"
        )
    if not loopback and scheme != "https":
        raise InputError(f"{host} is another machine; text is sent there by https only, not by {scheme}")
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
        raise InputError(f"the host {host} is not known ({error}); check the address") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_loopback(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
