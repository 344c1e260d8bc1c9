"""A language model to compute in the head: a server on loopback, and a passage to ask it about."""

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lbc_themes.core.records import Evidence, Passage, RankedCode, Role, Suggestion

TEXT = "晚上我就想我妈妈，王小雨老师劝我也没用。"
Reply = Callable[[BaseHTTPRequestHandler], None]


class FakeModel:
    """A server on loopback that says what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.reply: Reply = self.saying('{"order": [2, 1], "why": "说的是想妈妈"}')
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake.paths.append(self.path)
                fake.headers.append(dict(self.headers))
                fake.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                fake.reply(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1"

    @staticmethod
    def sending(status: int, held: bytes, **headers: str) -> Reply:
        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(held)))
            handler.end_headers()
            handler.wfile.write(held)

        return reply

    @classmethod
    def saying(cls, content: object) -> Reply:
        return cls.sending(200, json.dumps({"choices": [{"message": {"content": content}}]}).encode())


def passage(number: int = 0, text: str = TEXT) -> Passage:
    return Passage(
        id=f"p{number}", transcript_id="t", spans=((0, len(text)),), text=text, speaker="甲", role=Role.CHILD,
        question="晚上会想什么？",
    )  # fmt: skip


def suggestion(number: int = 0, codes: tuple[str, ...] = ("study", "family", "money")) -> Suggestion:
    ranked = tuple(
        RankedCode(
            code_id=code, score=-n, probability=0.5 / (n + 1), evidence=Evidence(words=("妈妈",), why_zh="原来的")
        )
        for n, code in enumerate(codes)
    )
    return Suggestion(passage_id=f"p{number}", codes=ranked, options={"kept": "yes"})


def known(monkeypatch: pytest.MonkeyPatch, **hosts: tuple[str, ...]) -> None:
    really = socket.getaddrinfo

    def look_up(host: str, port: int, *more: int, **named: int) -> object:
        if host[0].isdigit():
            return really(host, port, *more, **named)
        if host not in hosts:
            raise OSError("Name or service not known")
        return [(0, 0, 0, "", (number, port)) for number in hosts[host]]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
