"""Codes and memos on parts of a passage: named and coloured in the text, several at once, moved, never stored twice."""

from browser_pages import go, here, press, select, serving
from study_samples import decision

from lbc_themes.core.records import Coding
from lbc_themes.core.study_log import Memo


def own(study):
    return sorted((c.start, c.end, c.code_id) for c in study.codings(coder="李"))


def test_several_codes_on_selected_words_in_one_step(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        select(page, "拔完就在田埂")
        page.keyboard.press("c")
        page.keyboard.type("学校")
        page.keyboard.press("Shift+Enter")
        assert "学校" in page.locator("#span-codes").inner_text()
        page.keyboard.type("作业")
        press(page, "Enter")
        assert [code for _, _, code in own(study)] == ["homework", "school"]
        names = page.locator(".marks .chip.part").all_inner_texts()
        assert sorted(names) == ["作业", "学校"]
        assert page.locator(".piece .over").count() == 2
        assert page.locator("header .progress span").inner_text() == "1 / 3"
        select(page, "拔完就在田埂")
        page.keyboard.press("c")
        page.keyboard.type("学校")
        press(page, "Enter")
        assert "已有这个编码" in page.locator("#remark").inner_text()
        assert len(study.history()) == 2
        press(page, "u")
        assert own(study) == []
        press(page, "r")
        assert [code for _, _, code in own(study)] == ["homework", "school"]


def test_the_whole_passage_selected_is_a_decision_and_no_second_coding(study, browse):
    study.record(decision(study, 0, "accepted", "longing"))
    passage = study.passages[0]
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, f"code?p={passage.id}")
        page.evaluate("document.getSelection().selectAllChildren(document.getElementById('passage'))")
        page.wait_for_selector("#selected")
        page.keyboard.press("c")
        page.keyboard.type("学校")
        press(page, "Enter")
    assert [d.code_ids for d in study.decisions()] == [("longing", "school")]
    assert study.standing() == [study.history()[-1]]


def test_a_slice_is_made_larger_with_its_codes_and_memo_in_one_step(study, browse):
    text = study.transcripts[0].text
    start, end = text.index("田埂"), text.index("田埂") + 2
    for code_id in ("longing", "school"):
        study.record_coding(Coding(transcript_id="K01", start=start, end=end, code_id=code_id, coder="李"))
    study.record_memo(Memo(text="很轻", coder="李", about="span", about_id="K01", start=start, end=end))
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, f"code?p={study.passages[0].id}")
        page.click(".resize")
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        press(page, "Enter")
        assert "已改范围" in page.locator("#remark").inner_text()
        assert own(study) == [(start, end + 3, "longing"), (start, end + 3, "school")]
        assert [(m.start, m.end) for m in study.memos("span")] == [(start, end + 3)]
        press(page, "u")
        assert own(study) == [(start, end, "longing"), (start, end, "school")]
        assert [(m.start, m.end) for m in study.memos("span")] == [(start, end)]


def test_a_memo_on_selected_words_is_marked_listed_found_edited_and_exported(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        passage = here(page)
        select(page, "拔完就在田埂")
        page.keyboard.press("m")
        page.keyboard.type(f"见 {study.passages[1].id} 和 @school")
        press(page, "Control+Enter")
        assert page.locator(".note-mark").count() == 1
        go(page, "memos")
        row = page.locator(".quotations li")
        assert "拔完就在田埂" in row.inner_text()
        assert page.locator(".quotation a").all_inner_texts() == [study.passages[1].id, "@school"]
        with page.expect_download() as saved:
            page.click("a:has-text('CSV')")
        assert "拔完就在田埂" in saved.value.path().read_text(encoding="utf-8-sig")
        row.locator("summary").click()
        row.locator("textarea").fill("改过的备忘")
        with page.expect_navigation():
            row.locator("button:visible").click()
        assert [m.text for m in study.memos()] == ["改过的备忘"]
        go(page, "memos?q=改過")
        assert page.locator(".quotations li").count() == 1
        go(page, "memos?q=没有这样的")
        assert page.locator(".quotations li").count() == 0
        go(page, "memos")
        with page.expect_navigation():
            page.click(".quotations li a >> nth=0")
        assert here(page) == passage
        press(page, "b")
        assert page.url.endswith("/memos")
        page.select_option("#memo-about", "participant")
        page.select_option("select[name=about_id]", "L01")
        page.fill("form[action=add-memo] textarea", "话不多")
        with page.expect_navigation():
            page.click("form[action=add-memo] button.main")
    assert ("participant", "L01", "话不多") in [(m.about, m.about_id, m.text) for m in study.memos()]
