"""A real server on a real socket, and what somebody else on the machine or the network could send to it."""

import contextlib
import http.client
import re
import socket
import threading
import time
from urllib.parse import urlencode

import pytest
from review_pages import patiently
from study_samples import made

from lbc_themes.review import serve

pytestmark = pytest.mark.enable_socket
WORDS = "小麦".encode()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A study, the port it is served at, and the token."""
    with made(tmp_path_factory.mktemp("served")) as study:
        said = []
        options = {"coder": "李", "learn": False, "announce": said.append}
        threading.Thread(target=serve, args=(study.path,), kwargs=options, daemon=True).start()
        for _ in patiently():
            if said:
                break
        port, token = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=(.+)", said[0]).groups()
        yield study, int(port), token


def ask(port, method, path, body=None, **headers):
    """Send one request as it is, and return status, headers and body."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = link.getresponse()
    found = answer.status, answer.headers, answer.read()
    link.close()
    return found


@pytest.fixture
def coder(served):
    """The cookie, a form of the page with its secret, and the headers that a browser would send."""
    study, port, token = served
    _, headers, _ = ask(port, "GET", f"/?token={token}")
    cookie, base = headers["set-cookie"].partition(";")[0], headers["location"].rstrip("/")
    _, _, page = ask(port, "GET", f"{base}/code?p={study.passages[0].id}", Cookie=cookie)
    (secret,) = set(re.findall(rb'name="csrf" value="([^"]+)"', page))
    form = {"csrf": secret.decode(), "passage": study.passages[0].id, "code": "longing"}
    good = {
        "Cookie": cookie, "Origin": f"http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin",
        "Content_Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    return urlencode(form), good, base


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": None}, {"Origin": "http://localhost:{port}"},
        {"Host": "evil.example"}, {"Host": "localhost:{port}"}, {"Host": "127.0.0.1"}, {"Host": ""},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
        {"Cookie": None}, {"Cookie": "lbc_review_{port}=guess"}, {"Cookie": None, "Authorization": "Bearer {token}"},
    ],
)  # fmt: skip
def test_a_write_from_elsewhere_is_refused_and_nothing_is_stored(served, coder, change):
    study, port, token = served
    form, good, base = coder
    before = study.history()
    sent = {**good, **{n: v.format(port=port, token=token) if v else v for n, v in change.items()}}
    status, _, body = ask(port, "POST", f"{base}/decide", form, **{n: v for n, v in sent.items() if v is not None})
    assert status in {400, 403}
    assert WORDS not in body
    assert study.history() == before


def test_the_token_in_the_address_alone_neither_shows_nor_writes(served, coder):
    study, port, token = served
    form, good, base = coder
    before = study.history()
    without = {name: value for name, value in good.items() if name != "Cookie"}
    assert ask(port, "POST", f"{base}/decide?token={token}", form, **without)[0] == 403
    assert ask(port, "POST", f"/?token={token}", form, **without)[0] == 403
    status, _, body = ask(port, "GET", f"{base}/code?token={token}")
    assert (status, WORDS in body) == (403, False)
    assert study.history() == before


@pytest.mark.parametrize(
    "head",
    [
        "GET {base}/code HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\nCookie: {cookie}\r\n\r\n",
        "GET http://evil.example{base}/code HTTP/1.1\r\nHost: evil.example\r\nCookie: {cookie}\r\n\r\n",
        "GET {base}/code HTTP/1.0\r\nCookie: {cookie}\r\n\r\n",
        "GET {base}/code HTTP/1.1\r\nHost : 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n",
    ],
)
def test_odd_requests_show_nothing(served, coder, head):
    _, port, _ = served
    words = head.format(port=port, cookie=coder[1]["Cookie"], base=coder[2]).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(words)
        link.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: link.recv(65536), b""))
    assert answer.split(b" ", 2)[1] in {b"400", b"403"}
    assert WORDS not in answer


def test_the_cookie_without_the_page_key_reads_nothing(served, coder):
    """Another user's server on this machine may be sent the cookie: browsers do not keep ports apart."""
    study, port, _ = served
    form, good, base = coder
    passage_id = study.passages[0].id
    before = study.history()
    for path in (
        "/",
        "/code",
        f"/code?p={passage_id}",
        f"/x/code?p={passage_id}",
        f"//code?p={passage_id}",
        f"{base}x/code",
    ):
        status, _, body = ask(port, "GET", path, Cookie=good["Cookie"])
        assert (status, WORDS in body) == (403, False), path
    for path in ("/decide", "/x/decide", f"{base[:-1]}/decide"):
        assert ask(port, "POST", path, form, **good)[0] == 403
    status, _, body = ask(port, "GET", f"{base}/code?p={passage_id}")
    assert (status, WORDS in body) == (403, False)
    assert study.history() == before


def test_a_cookie_goes_to_the_path_of_its_session_alone(served):
    _, port, token = served
    _, headers, _ = ask(port, "GET", f"/?token={token}")
    attributes = [part.strip() for part in headers["set-cookie"].split(";")]
    assert f"Path={headers['location']}" in attributes
    assert len(headers["location"]) > 20
    assert attributes[0].startswith(f"lbc_review_{port}=")
    assert headers["location"].strip("/") not in attributes[0]


def test_a_token_does_not_let_another_site_in_once_the_page_is_open(served, coder):
    study, port, token = served
    _, good, base = coder
    for where in ("code", "dashboard", ""):
        address = f"{base}/{where}?token={token}&p={study.passages[0].id}"
        status, _, body = ask(port, "GET", address, Cookie=good["Cookie"], Sec_Fetch_Site="cross-site")
        assert (status, WORDS in body) == (403, False), where


def test_connections_that_say_nothing_do_not_keep_the_page_waiting(served, coder):
    study, port, _ = served
    _, good, base = coder
    with contextlib.ExitStack() as held:
        for number in range(400):
            link = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            if number % 2:
                link.sendall(f"POST {base}/decide HTTP/1.1\r\nHost: 127.0".encode())
        started = time.monotonic()
        status, _, body = ask(port, "GET", f"{base}/code?p={study.passages[0].id}", Cookie=good["Cookie"])
        assert (status, WORDS in body) == (200, True)
        assert time.monotonic() - started < 5


def test_a_form_that_never_arrives_is_given_up(served, coder, monkeypatch):
    from lbc_themes.review import app

    monkeypatch.setattr(app, "_SLOWEST_FORM", 0.3)
    study, port, _ = served
    form, good, base = coder
    before = study.history()
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in good.items())
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        first = f"POST {base}/decide HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        start = f"{first}Content-Length: {len(form) + 5}\r\n{head}\r\n{form}"
        link.sendall(start.encode())
        assert b" 408 " in link.recv(65536)
    assert study.history() == before


def test_the_server_does_not_listen_to_the_network(served):
    _, port, _ = served
    own = set()
    with contextlib.suppress(socket.gaierror):  # a machine need not know its own name
        own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {"127.0.0.2", *own} - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((address, port), timeout=2)


def test_the_same_request_from_the_page_itself_is_stored(served, coder):
    study, port, _ = served
    form, good, base = coder
    status, headers, _ = ask(port, "POST", f"{base}/decide", form, **good)
    assert (status, headers["location"].startswith("code?p=")) == (303, True)
    assert [decision.code_ids for decision in study.decisions()] == [("longing",)]
    study.undo("李")
