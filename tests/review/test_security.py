"""Nobody else gets in, nothing is written from elsewhere, and no text becomes markup."""

import dataclasses
import re

import pytest
from review_pages import HOST, ORIGIN, TOKEN, Coder, Reader, another, opened, tags, values
from starlette.testclient import TestClient
from study_samples import book, decision, made, transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Role
from lbc_themes.core.study_log import Memo
from lbc_themes.review import make_app, serve
from lbc_themes.study import Study

READ = [
    "/", "/code", "/coder", "/interviews", "/adjudicate", "/dashboard", "/dashboard/agreement", "/dashboard/distress",
    "/codebook", "/codebook-history", "/split", "/export-codebook", "/quotations", "/export-quotations", "/search",
    "/memos", "/export-memos", "/read", "/read-part", "/dashboard/saturation", "/dashboard/codes",
    "/dashboard/themes", "/matrices", "/export-matrix", "/themes", "/theme", "/static/review.js", "/static/review.css",
    "/codes.css", "/alive", "/nothing-here",
]  # fmt: skip
WRITTEN = [
    "/decide",
    "/undo",
    "/memo",
    "/span",
    "/adjudicate",
    "/undo-adjudication",
    "/add-code",
    "/edit-code",
    "/recode",
    "/merge-codes",
    "/split-code",
    "/retire-code",
    "/undo-edit",
    "/redo",
    "/alike",
    "/note-code",
    "/move-span",
    "/add-memo",
    "/edit-memo",
    "/save-copy",
    "/choose",
    "/theme",
    "/theme-undo",
    "/theme-redo",
    "/redo-edit",
    "/redo-adjudication",
    "/coder",
]


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as study:
        yield study


@pytest.fixture
def app(study):
    return make_app(study, address=HOST, token=TOKEN, coder="李", learn=False)


def fields(study, coder):
    return {
        "csrf": values(coder.page, "csrf")[0], "passage": study.passages[0].id, "only": "longing", "text": "想",
        "start": "17", "end": "19", "head": "跟", "tail": "外", "code": "school", "name": "王", "order": "next",
    }  # fmt: skip


def test_every_route_is_among_those_tested_here(app):
    paths = {(route.path, method) for route in app.routes for method in route.methods - {"HEAD"}}
    assert {path for path, method in paths if method == "POST"} == set(WRITTEN)
    assert {p.replace("{name}", "review.js") for p, method in paths if method == "GET"} <= set(READ)


@pytest.mark.slow
@pytest.mark.parametrize("path", READ)
def test_without_the_cookie_nothing_is_shown(app, path):
    answer = TestClient(app, base_url=ORIGIN).get(path)
    assert answer.status_code == 403
    assert "小麦" not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "Ω"])
def test_a_wrong_token_opens_nothing(app, token):
    answer = TestClient(app, base_url=ORIGIN).get("/", params={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_who_comes_from_another_page_is_led_on_by_a_page_of_this_origin(app, site):
    client = TestClient(app, base_url=ORIGIN)
    answer = client.get(f"/?token={TOKEN}", headers={"sec-fetch-site": site}, follow_redirects=False)
    assert answer.status_code == 200
    path = re.search(r'http-equiv="refresh" content="0; url=(/[^"]+/)"', answer.text)[1]
    assert TOKEN not in answer.text
    assert path in answer.headers["set-cookie"]
    assert client.get(path, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False).status_code == 303
    assert client.get(path, headers={"sec-fetch-site": site}, follow_redirects=False).status_code == 403


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_cannot_use(app):
    client = TestClient(app, base_url=ORIGIN)
    answer = client.get(f"/?token={TOKEN}", follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get(answer.headers["location"] + "code").status_code == 200


def test_a_made_up_cookie_opens_nothing(app):
    client = TestClient(app, base_url=ORIGIN, cookies={"lbc_review_8123": "x" * 43})
    assert client.get("/code").status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize("host", ["localhost:8123", "127.0.0.1", "127.0.0.1:80", "evil.example", "evil.example:8123"])
def test_another_host_is_refused_even_with_the_cookie(app, host):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    answer = coder.client.get(f"{coder.base}/code", headers={"host": host})
    assert answer.status_code == 403
    assert "小麦" not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:9000", f"https://{HOST}"])
@pytest.mark.parametrize("path", WRITTEN)
def test_no_other_origin_writes(study, app, path, origin):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    headers = {} if origin is None else {"origin": origin}
    answer = coder.client.post(coder.base + path, data=fields(study, coder), headers=headers)
    assert answer.status_code == 403
    assert study.history() == []


@pytest.mark.slow
@pytest.mark.parametrize("csrf", ["", "x", "Ω"])
@pytest.mark.parametrize("path", WRITTEN)
def test_no_form_without_the_sessions_secret_writes(study, app, path, csrf):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    answer = coder.client.post(
        coder.base + path, data={**fields(study, coder), "csrf": csrf}, headers={"origin": ORIGIN}
    )
    assert answer.status_code == 403
    assert study.history() == []


def test_the_secret_of_one_session_does_not_write_in_another(study):
    with opened(study) as coder:
        other = another(coder)
        answer = coder.client.post(f"{coder.base}/decide", data=fields(study, other), headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert study.history() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_marks_as_coming_from_elsewhere_is_refused(study, app, site):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    assert coder.client.get(f"{coder.base}/code", headers={"sec-fetch-site": site}).status_code == 403
    headers = {"origin": ORIGIN, "sec-fetch-site": site}
    assert coder.client.post(f"{coder.base}/decide", data=fields(study, coder), headers=headers).status_code == 403
    assert study.history() == []


@pytest.mark.slow
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_do_nothing(study, app, method):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    assert coder.client.request(method, f"{coder.base}/decide", headers={"origin": ORIGIN}).status_code in {
        403,
        405,
        413,
    }
    assert study.history() == []


@pytest.mark.slow
def test_reading_never_writes(study, app):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    for path in WRITTEN:
        coder.client.get(coder.base + path, params=fields(study, coder))
    assert study.history() == []


def test_a_form_that_is_too_long_is_refused(study, app):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    answer = coder.client.post(
        f"{coder.base}/memo", data={**fields(study, coder), "text": "长" * 400_000}, headers={"origin": ORIGIN}
    )
    assert answer.status_code == 413
    assert study.history() == []


@pytest.mark.slow
@pytest.mark.parametrize("path", [*READ, "/?token=wrong"])
def test_every_answer_forbids_scripts_frames_caching_and_other_addresses(app, path):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    for client, where in ((coder.client, coder.base + path), (TestClient(app, base_url=ORIGIN), path)):
        headers = client.get(where).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        kept = "private, max-age=86400, immutable" if "/static/" in where and client is coder.client else "no-store"
        assert (headers["cache-control"], headers["x-content-type-options"]) == (kept, "nosniff")
        assert "access-control-allow-origin" not in headers


OWN_SCRIPT = re.compile(r"static/[a-z]+\.js\?v=[0-9a-f]{10}")
EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{ 7*7 }}"


def hostile(tmp_path):
    text = f"问：怎么了？\n小麦：{EVIL}\u202e我想我妈了，真的想\u2066。\r然后\0呢。\n"
    name = transcript("K<b>", text, ("小麦", Role.CHILD))
    turns = tuple(dataclasses.replace(turn, speaker=turn.speaker + EVIL) for turn in name.turns)
    codes = [
        dataclasses.replace(code, name=Bilingual(zh=EVIL, en=EVIL), colour="red;}*{x:url(//e)") for code in book().codes
    ]
    return Study.create(
        tmp_path / "h.lbc",
        [dataclasses.replace(name, turns=turns, notes=(EVIL,))],
        dataclasses.replace(book(), codes=tuple(codes)),
    )


def test_hostile_words_stay_words_on_every_page(tmp_path):
    with hostile(tmp_path) as study, opened(study, coder=None) as coder:
        coder.send("/coder", name=EVIL[:50])
        passage_id = study.passages[0].id
        study.record(decision(study, 0, "changed", "longing", coder=EVIL))
        study.record_memo(Memo(text=EVIL, coder=EVIL, about="passage", about_id=passage_id))
        coder.decide(passage_id, code=["school"])
        for path in (f"/code?p={passage_id}", "/interviews", "/adjudicate", "/dashboard", *READ[6:11], "/coder"):
            read = Reader(coder.client.get(coder.base + path).text)
            assert not [a for tag, a in read.tags if tag == "script" and not OWN_SCRIPT.fullmatch(a.get("src", ""))], (
                path
            )
            assert not [a for _, a in read.tags if any(name.startswith("on") or name == "style" for name in a)], path
            assert "img" not in [tag for tag, _ in read.tags]
            assert "49" not in "".join(read.words).replace("K<b>", "")
        assert "url" not in coder.get("/codes.css").text


@pytest.mark.slow
def test_no_page_names_another_address(app):
    coder = Coder(TestClient(app, base_url=ORIGIN))
    for path in READ[1:9]:
        page = coder.get(path)
        for tag in ("script", "link", "img", "a", "form", "iframe"):
            for attributes in tags(page, tag):
                target = attributes.get("src") or attributes.get("href") or attributes.get("action") or "#"
                assert re.match(r"#|[a-z-]+($|[?/.])", target), (path, target)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "localhost", "::", ""])
def test_only_this_machine_is_served(tmp_path, host):
    with pytest.raises(InputError, match="served to this machine alone"):
        serve(tmp_path / "s.lbc", host=host)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", "  ", "machine", "settled:李", "adjudication:李", "a\nb", "长" * 61, "\u202e李"])
def test_names_that_are_kept_or_cannot_be_seen_are_refused(study, name):
    with pytest.raises(InputError, match="coder:"):
        make_app(study, address=HOST, token=TOKEN, coder=name, learn=False)
    with opened(study, coder=None) as coder:
        assert coder.send("/coder", name=name).status_code == 400
