"""Nothing typed or ticked is lost: on moving on, on a reload, while the server is stopped."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from browser_pages import go, here, press, serving, verdicts
from study_samples import decision

from lbc_themes.review import make_app


@contextmanager
def stoppable(study, port=0, **options):
    """Serve a study at a port of its own until ``stop`` is called; give the address, the port and ``stop``."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    port = listener.getsockname()[1]
    app = make_app(study, address=f"127.0.0.1:{port}", token="open", coder="李", learn=False, **options)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()

    def stop():
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
        listener.close()

    try:
        yield f"http://127.0.0.1:{port}/?token=open", port, stop
    finally:
        stop()


@pytest.fixture
def lenient(browse):
    """As ``browse``, where requests are expected to fail."""
    browse.expect("Failed to load resource")
    return browse


def ticked(page):
    return page.locator("#decide input[name=code]:checked").evaluate_all("boxes => boxes.map((box) => box.value)")


def test_ticks_survive_moving_on_and_a_reload_and_are_counted_in_the_bar(study, browse):
    first = study.passages[0].id
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("Shift+Digit2")
        page.keyboard.press("/")
        page.keyboard.type("作业")
        page.keyboard.press("Shift+Enter")
        assert page.locator("#drafts").inner_text().split() == ["未保存", "1"]
        press(page, "j")
        assert ticked(page) == []
        press(page, "k")
        assert ticked(page) == ["school", "homework"]
        page.reload()
        assert ticked(page) == ["school", "homework"]
        assert page.locator("[data-draft-of=code]").is_visible()
        page.click("#drafts")
        assert first in page.locator("#draft-list a").inner_text()
        assert "作业" in page.locator("#draft-list").inner_text()
        page.keyboard.press("Escape")
        page.focus("#passage-head")
        press(page, "Enter")
        assert page.locator("#drafts").is_hidden()
    assert verdicts(study) == [(first, "changed", ("school", "homework"))]


def test_ticks_can_be_dropped(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("Shift+Digit2")
        page.click("[data-drop-draft=code]")
        assert ticked(page) == []
        assert page.locator("#drafts").is_hidden()
        page.reload()
        assert ticked(page) == []


@pytest.mark.parametrize("key", ["x", "0"])
def test_a_key_that_drops_ticks_asks_first(study, browse, key):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("Shift+Digit1")
        page.keyboard.press(key)
        assert page.locator("#question-codes").inner_text() == "想念"
        page.keyboard.press("Enter")
        assert page.locator("#question").is_hidden()
        assert ticked(page) == ["longing"]
        assert study.history() == []
        page.keyboard.press(key)
        page.keyboard.press("Tab")
        press(page, "Enter")
    assert verdicts(study) == [(study.passages[0].id, "rejected", ())]


def test_a_code_from_the_codebook_takes_the_ticks_along(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("Shift+Digit1")
        page.keyboard.press("/")
        page.keyboard.type("作业")
        press(page, "Enter")
        assert page.locator("#drafts").is_hidden()
    assert set(verdicts(study)[0][2]) == {"longing", "homework"}


def test_a_half_written_memo_survives_moving_on_and_a_reload(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("m")
        page.keyboard.type("再想想")
        page.keyboard.press("Escape")
        press(page, "j")
        press(page, "k")
        page.reload()
        page.click("#open-memo")
        assert page.locator("#memo textarea").input_value() == "再想想"
        press(page, "Control+Enter")
        assert page.locator("#drafts").is_hidden()
        page.keyboard.press("m")
        assert page.locator("#memo textarea").input_value() == ""
    assert [memo.text for memo in study.memos()] == ["再想想"]


def test_replacing_codes_is_said_stays_and_can_be_undone(study, browse):
    first = study.passages[0].id
    with serving(study.path, coder="李") as address:
        page = browse(address)
        press(page, "1")
        press(page, "k")
        press(page, "2")
        assert here(page) == first
        assert "已替换：原来是 想念，现在是 学校" in page.locator("#remark").inner_text()
        with page.expect_navigation():
            page.click(".notice button")
        assert here(page) == first
        press(page, "1")
        assert "没有变化" in page.locator("#remark").inner_text()
    assert verdicts(study) == [(first, "accepted", ("longing",))]
    assert len(study.history()) == 3


def test_read_without_a_code_looks_unlike_unread(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        press(page, "0")
        press(page, "x")
        press(page, "k")
        marks = page.locator("#text .read-mark").all_inner_texts()
        assert [mark.split()[1] for mark in marks] == ["读过，没有合适的编码", "读过，建议都不合适"]
        assert page.locator("#text .piece.read").count() >= 2
        assert "读过，建议都不合适" in page.locator(".own").inner_text()


def test_a_decision_made_while_the_server_is_stopped_is_stored_when_it_is_back(study, lenient):
    first, second = (p.id for p in study.passages[:2])
    with stoppable(study) as (address, port, stop):
        page = lenient(address)
        stop()
        page.keyboard.press("1")
        page.locator("#waiting").wait_for()
        assert "1 项已留在这个浏览器里" in page.locator("#waiting").inner_text()
        page.keyboard.press("2")
        page.wait_for_timeout(300)
        assert study.history() == []
        with stoppable(study, port) as (address, _, _):
            page.locator("#waiting", has_text="重新启动").wait_for()
            newer = page.context.new_page()
            newer.goto(address)
            newer.locator(f"#decide input[name=passage][value='{second}']").wait_for(state="attached")
            newer.locator("#remark", has_text="已保存").wait_for()
            assert verdicts(study) == [(first, "accepted", ("school",))]
            page.locator("#waiting").wait_for(state="hidden")
    assert len(study.history()) == 1


def test_a_memo_written_while_the_server_is_stopped_is_stored_once(study, lenient):
    with stoppable(study) as (address, port, stop):
        page = lenient(address)
        stop()
        page.keyboard.press("m")
        page.keyboard.type("别丢")
        page.keyboard.press("Control+Enter")
        page.locator("#waiting").wait_for()
        with stoppable(study, port) as (address, _, _):
            newer = page.context.new_page()
            newer.goto(address)
            newer.locator(".notes .memo").wait_for()
            newer.reload()
            assert newer.locator("#drafts").is_hidden()
    assert [memo.text for memo in study.memos()] == ["别丢"]


def test_an_answer_that_was_lost_is_not_stored_twice(study, lenient):
    with serving(study.path, coder="李") as address:
        page = lenient(address)

        def lose(route):
            route.fetch(max_redirects=0)
            route.abort()

        page.route("**/memo", lose, times=1)
        page.keyboard.press("m")
        page.keyboard.type("一次")
        page.keyboard.press("Control+Enter")
        page.locator(".notes .memo").wait_for()
        time.sleep(0.2)
    assert [memo.text for memo in study.memos()] == ["一次"]


def test_undo_while_the_server_is_stopped_says_so_and_stays(study, lenient):
    with stoppable(study) as (address, _, stop):
        page = lenient(address)
        stop()
        page.keyboard.press("u")
        page.locator("#waiting").wait_for()
        assert "没有执行" in page.locator("#waiting").inner_text()


def test_adjudication_keeps_ticks_and_reason_and_can_be_undone(study, browse):
    for number in (0, 1):
        study.record(decision(study, number, "accepted", "longing", coder="王"))
        study.record(decision(study, number, "accepted", "school", coder="李"))
    first, second = (p.id for p in study.passages[:2])
    with serving(study.path, coder="周") as address:
        page = browse(address)
        go(page, "adjudicate")
        page.locator("#added input").nth(1).check()
        page.fill("input[name=memo]", "两人商量过")
        page.focus("#passage-head")
        press(page, "j")
        press(page, "k")
        assert page.locator("input[name=memo]").input_value() == "两人商量过"
        page.keyboard.press("0")
        assert page.locator("#question").is_visible()
        page.keyboard.press("Escape")
        page.focus("input[name=memo]")
        press(page, "Enter")
        assert [(d.passage_id, d.code_ids, d.memo) for d in study.decisions(coder="周", adjudication=True)] == [
            (first, ("longing",), "两人商量过")
        ]
        assert here(page) == second
        press(page, "u")
        assert here(page) == first
        assert study.decisions(coder="周", adjudication=True) == []
        page.fill("input[name=memo]", "没勾")
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert "没有保存" in page.locator("#remark").inner_text()
        assert page.locator("input[name=memo]").input_value() == "没勾"
        assert study.decisions(coder="周", adjudication=True) == []


def test_a_study_that_was_replaced_is_said_loudly_and_saved_elsewhere(study, lenient):
    with serving(study.path, coder="李") as address:
        page = lenient(address)
        study.path.rename(study.path.with_name("away.lbc"))
        page.keyboard.press("1")
        page.locator("#waiting form button").click()
        page.locator("p[role=alert]", has_text="已另存为").wait_for()
    assert len(list(study.path.parent.glob("*.lbc"))) == 2
