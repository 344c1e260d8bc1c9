"""A second opinion from a language model: what it sends, how it reads answers, which servers it gives up."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from llm_samples import TEXT, FakeModel, Reply, known, passage, suggestion

import lbc_themes as lbc
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Codebook, Suggestion
from lbc_themes.integrations.llm.opinion import asked, read_answer
from lbc_themes.integrations.llm.server import LARGEST, Server, checked_address

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])]


@pytest.fixture
def model() -> Iterator[FakeModel]:
    fake = FakeModel()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    thread.join()


def opinion(fake: FakeModel, codebook: Codebook | None = None, **more: object) -> Suggestion:
    given = {"address": fake.address, "model": "small", "timeout": 60} | more
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
    assert found.reason in word_table("words.reasons")


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


@pytest.mark.slow
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
    assert time.monotonic() - begun < 30
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


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind(
    model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, fickle=("127.0.0.1",))
    where = checked_address(f"http://fickle:{model.server.server_port}/v1")
    known(monkeypatch, fickle=("93.184.216.34",))
    assert Server(address=where, model="small", timeout=60).answer("", "").startswith('{"order"')
    assert model.headers[0]["Host"] == f"fickle:{model.server.server_port}"


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
