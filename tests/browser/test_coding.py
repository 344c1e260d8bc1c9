"""People at work on the review page, in a real browser."""

import pytest
from browser_pages import go, here, press, select, serving, verdicts
from study_samples import decision

from lbc_themes.core.records import Role
from lbc_themes.study import Study


def test_a_whole_session_by_keyboard(study, browse):
    first, second, third = (p.id for p in study.passages[:3])
    with serving(study.path, coder="李") as address:
        page = browse(address)
        assert here(page) == first
        assert page.evaluate("document.activeElement.id") == "passage-head"
        press(page, "1")
        assert page.locator("#remark").inner_text().endswith("已保存：想念")
        assert here(page) == second
        press(page, "x")
        page.keyboard.press("/")
        page.keyboard.type("帮上")
        page.keyboard.press("ArrowDown")
        assert "说到帮上忙" in page.locator("#codes li:focus-within .entry").inner_text()
        press(page, "Enter")
        assert verdicts(study) == [
            (first, "accepted", ("longing",)), (second, "rejected", ()), (third, "changed", ("help.positive",)),
        ]  # fmt: skip
        press(page, "u")
        assert here(page) == third
        press(page, "ArrowUp")
        press(page, "k")
        assert here(page) == first
        page.keyboard.press("Shift+Digit2")
        press(page, "Enter")
        assert verdicts(study)[-1] == (first, "accepted", ("longing", "school"))
        page.reload()
        press(page, "u")
        assert verdicts(study) == [(first, "accepted", ("longing",)), (second, "rejected", ())]
        page.goto(address.partition("/?")[0])
        page.wait_for_selector("#decide")
        assert here(page) == third
        press(page, "0")
        assert verdicts(study)[-1] == (third, "accepted", ())


def test_two_codes_are_ticked_from_the_codebook_and_stored_together(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        for words in ("作业", "没帮"):
            page.keyboard.press("/")
            page.keyboard.type(words)
            page.keyboard.press("Shift+Enter")
        assert page.locator("#added .chip").all_inner_texts() == ["作业", "没帮上"]
        press(page, "Enter")
    assert verdicts(study)[0][2] == ("homework", "help.negative")


def test_memos_by_keyboard(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("m")
        page.keyboard.type("x0123 想再听一遍")
        press(page, "Control+Enter")
        assert page.locator(".notes .memo").inner_text() == "x0123 想再听一遍"
    assert study.memos()[0].text == "x0123 想再听一遍"
    assert study.decisions() == []


def choose(page, word):
    page.keyboard.type(word)
    press(page, "Enter")


def test_selected_words_are_coded_exactly_beyond_the_basic_plane(study, browse):
    text = study.transcript("K01").text
    with serving(study.path, coder="李") as address:
        page = browse(address)
        select(page, "拔完就在田埂")
        page.keyboard.press("c")
        assert page.locator("#quote").inner_text() == "拔完就在田埂"
        choose(page, "学校")
        select(page, "拔草，😀")
        page.click("#code-selection")
        choose(page, "作业")
    said = {c.code_id: text[c.start : c.end] for c in study.codings(coder="李")}
    assert said == {"school": "拔完就在田埂", "homework": "拔草，😀"}


def test_words_selected_in_the_passage_beside_the_interview_are_coded_too(study, browse):
    text = study.transcript("K01").text
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.evaluate(
            """() => { const node = document.getElementById("passage").firstChild, at = node.data.indexOf("，😀");
            getSelection().setBaseAndExtent(node, at, node, at + 5); }"""
        )
        page.wait_for_selector("#selected:not([hidden])")
        page.keyboard.press("c")
        assert page.locator("#quote").inner_text() == "，😀拔完"
        choose(page, "学校")
    (coding,) = study.codings(coder="李")
    assert text[coding.start : coding.end] == "，😀拔完"


def test_a_drag_that_ends_beside_the_interview_codes_nothing(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.evaluate(
            """() => { const node = document.querySelector("#text .piece.now").firstChild;
            getSelection().setBaseAndExtent(node, 2, document.getElementById("passage").firstChild, 3); }"""
        )
        page.wait_for_timeout(100)
        assert page.locator("#selected").is_hidden()
        page.keyboard.press("c")
        assert page.locator("#codebook[open]").count() == 0


def test_words_are_dragged_over_with_the_mouse_without_following_a_link(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        piece = page.locator("#text [data-go]").first
        box = piece.bounding_box()
        page.mouse.move(box["x"] + 4, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + 90, box["y"] + 10, steps=5)
        page.mouse.up()
        page.wait_for_selector("#selected:not([hidden])")
        assert here(page) == study.passages[0].id
        page.click("#code-selection")
        choose(page, "学校")
    (coding,) = study.codings(coder="李")
    assert study.transcript("K01").text[coding.start : coding.end] in study.passages[1].text


def test_a_part_is_selected_by_keyboard_alone(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("s")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        for _ in range(4):
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
        choose(page, "学校")
    (coding,) = study.codings(coder="李")
    passage = study.passages[0]
    assert (coding.start, coding.end) == (passage.start + 3, passage.start + 7)


def test_a_key_held_down_decides_once(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        with page.expect_navigation():
            page.keyboard.down("1")
            page.keyboard.down("1")
            page.keyboard.down("1")
        page.keyboard.up("1")
    assert len(study.history()) == 1


def test_typing_in_a_field_is_no_command(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("/")
        page.keyboard.type("x0123uj?")
        assert page.locator("#find").input_value() == "x0123uj?"
        assert page.locator("#no-code").inner_text() == "没有这样的编码"
        page.keyboard.press("Escape")
    assert study.history() == []


def test_single_keys_can_be_turned_off(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("?")
        with page.expect_navigation():
            page.click("button[name=keys]")
        page.keyboard.press("1")
        page.wait_for_timeout(200)
        assert study.history() == []
        with page.expect_navigation():
            page.click("#take1")
    assert len(study.history()) == 1


def test_two_coders_at_once_on_one_server(study, browse):
    with serving(study.path) as address:
        pages = {}
        for name in ("李", "王"):
            pages[name] = browse(address)
            pages[name].fill("#name", name)
            with pages[name].expect_navigation():
                pages[name].keyboard.press("Enter")
        press(pages["李"], "1")
        press(pages["王"], "2")
        press(pages["李"], "1")
        press(pages["王"], "u")
        assert here(pages["王"]) == study.passages[0].id
        assert "想念" in pages["王"].locator(".others").inner_text()
    assert verdicts(study, "李") == [
        (study.passages[0].id, "accepted", ("longing",)), (study.passages[1].id, "accepted", ("homework",)),
    ]  # fmt: skip
    assert verdicts(study, "王") == []


def test_two_servers_on_one_study_see_each_other(study, browse):
    with serving(study.path, coder="李") as one, serving(study.path, coder="王") as two:
        press(browse(one), "1")
        page = browse(two)
        assert here(page) == study.passages[0].id
        assert "李" in page.locator(".others").inner_text()


def test_blind_coding_shows_no_suggestion_and_nobody_else(study, browse):
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    with serving(study.path, coder="李", blind=True) as address:
        page = browse(address)
        words = page.locator("body").inner_text()
        assert "独立编码" in words
        assert "王" not in words
        assert page.locator(".suggestions, .others, .chip").count() == 0
        page.keyboard.press("1")
        page.keyboard.press("/")
        choose(page, "想念")
    assert verdicts(study) == [(study.passages[0].id, "changed", ("longing",))]


def test_adjudication_by_keyboard(study, browse):
    for number in (0, 1):
        study.record(decision(study, number, "accepted", "longing", coder="王"))
        study.record(decision(study, number, "accepted", "school", coder="李"))
    with serving(study.path, coder="周") as address:
        page = browse(address)
        go(page, "adjudicate")
        assert page.locator(".coders h3").all_inner_texts() == ["李", "王"]
        press(page, "2")
        page.keyboard.press("/")
        page.keyboard.type("作业")
        page.keyboard.press("Enter")
        press(page, "Enter")
        assert "没有待裁定的段落" in page.locator("main").inner_text()
    assert [d.code_ids for d in study.decisions(coder="周", adjudication=True)] == [("longing",), ("homework",)]


def test_a_hostile_transcript_stays_text(tmp_path, browse):
    from study_samples import book, transcript

    evil = "<script>document.title='x'</script><img src=x onerror=alert(1)>"
    line = "我放学就去地里帮外婆拔草。" * 8000
    text = f"访谈者：说吧\n小麦：{evil}\u202e我想我妈了，真的很想\u202c。\n访谈者：还有呢？\n小麦：{line}\n"
    with Study.create(tmp_path / "h.lbc", [transcript("K<i>", text, ("小麦", Role.CHILD))], book()) as study:
        with serving(study.path, coder="李") as address:
            page = browse(address)
            assert evil in page.locator("#passage").inner_text()
            assert page.locator("#text img, #text script, #passage script").count() == 0
            select(page, "我想我妈")
            page.keyboard.press("c")
            choose(page, "想念")
            middle = study.passages[len(study.passages) // 2]
            go(page, f"code?p={middle.id}")
            assert page.locator("#passage").inner_text() == middle.text
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280
            press(page, "0")
        (coding,) = study.codings(coder="李")
        assert text[coding.start : coding.end] == "我想我妈"
        assert study.decisions()[0].passage_id == middle.id


def test_the_interviews_fit_a_telephone_in_both_languages(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address, (390, 844))
        for heading in ("访谈", "Interviews"):
            go(page, "interviews")
            assert page.inner_text("h1") == heading
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.click("button[name=language]")
            page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", [(1280, 800), (820, 1180)])
def test_nothing_is_cut_off(study, browse, size):
    with serving(study.path, coder="李") as address:
        page = browse(address, size)
        for path in ("code", "interviews", "adjudicate", "dashboard"):
            go(page, path)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        go(page, "code")
        for button in page.locator("#decide .actions button").all():
            box = button.bounding_box()
            assert box["x"] + box["width"] <= size[0]
            assert box["y"] + box["height"] <= size[1]


def test_another_site_cannot_write_with_the_coders_browser(study, browse, tmp_path):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        base = page.evaluate("location.origin + document.body.dataset.base")
        secret = page.locator("#decide input[name=csrf]").input_value()
        evil = tmp_path / "evil.html"
        evil.write_text(
            f"<form id=f method=post action='{base}decide'><input name=csrf value='{secret}'>"
            f"<input name=passage value='{study.passages[0].id}'><input name=only value=longing></form>",
            encoding="utf-8",
        )
        other = page.context.new_page()
        other.goto(evil.as_uri())
        with other.expect_navigation():
            other.evaluate("document.getElementById('f').submit()")
        assert "小麦" not in other.content()
    assert study.history() == []
