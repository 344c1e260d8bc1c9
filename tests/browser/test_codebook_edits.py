"""The codebook edited on the page: merged, split, retired, taken back; what two people do at once; passages alike."""

import json
from importlib import resources

import pytest
from browser_pages import go, press, serving
from study_samples import book, decision

from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Decision, Passage, Role, Transcript, Turn, Verdict
from lbc_themes.core.study_log import Memo
from lbc_themes.study import Study

SERIOUS = {"serious", "critical"}
PAGES = (
    "codebook", "codebook-history", "quotations?c=longing", "quotations?c=longing&sort=time", "split?c=longing",
    "split?c=longing&new=甲", "search?q=想", "memos", "read?t=K01&who=*",
)  # fmt: skip


@pytest.fixture
def coded(study):
    for number in (0, 1):
        study.record(decision(study, number, "accepted", "longing", "school"))
    study.record(decision(study, 0, "accepted", "homework", coder="王"))
    study.codebook.recolour("school", "#b5cff0", by="王", why="太淡")
    return study


def many(tmp_path, count):
    """A study in which one code has ``count`` quotations."""
    answers = [f"第{n}回想妈妈。" for n in range(count)]
    text, turns, passages = "", [], []
    for number, answer in enumerate(answers):
        turns.append(Turn(speaker="小麦", role=Role.CHILD, start=len(text), end=len(text) + len(answer)))
        span = ((len(text), len(text) + len(answer)),)
        passages.append(
            Passage(id=f"a:{number:04}", transcript_id="a", spans=span, text=answer, speaker="小麦", role=Role.CHILD)
        )
        text += answer + "\n"
    study = Study.create(
        tmp_path / "many.lbc", [Transcript(id="a", text=text, turns=tuple(turns))], book(), passages=passages
    )
    study.record_all(
        Decision(passage_id=p.id, verdict=Verdict.CHANGED, code_ids=("longing",), coder="李", time="") for p in passages
    )
    return study


def test_codes_are_ticked_and_merged_into_a_new_one_and_it_is_undone(coded, browse):
    with serving(coded.path, coder="李") as address:
        page = browse(address)
        go(page, "codebook")
        assert page.locator("#merge-bar").is_hidden()
        page.check("input[value=longing]")
        page.check("input[value=homework]")
        assert "2" in page.locator("#merge-count").inner_text()
        page.fill("#merge-bar input[name=new]", "惦记")
        page.fill("#merge-bar input[name=reason]", "分不开")
        with page.expect_navigation():
            page.click("#merge-bar button")
        assert page.locator("h1").inner_text().strip() == "惦记"
        assert page.locator("#recode li").count() == 3
        new = next(code.id for code in coded.codebook if code.name.zh == "惦记")
        assert {d.code_ids for d in coded.decisions()} == {(new, "school"), (new,)}
        assert (coded.codebook_history()[-1].why, coded.codebook_history()[-1].by) == ("分不开", "李")
        press(page, "u")
        assert {d.code_ids for d in coded.decisions()} == {("longing", "school"), ("homework",)}


def test_500_quotations_are_split_by_keys_and_merged_back(tmp_path, browse):
    with many(tmp_path, 500) as study, serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "split?c=longing&new=夜里&new=白天")
        assert page.locator("#split-list li").count() == 500
        for key in ["1", "2", "1", "0", "j", "2"]:
            page.keyboard.press(key)
        page.locator("#split-list select").nth(499).select_option(index=1)
        page.fill("input[name=reason]", "时间不同")
        with page.expect_navigation():
            page.click("#split button.main")
        assert "5 处引文分到 2 个编码" in page.locator("#remark").inner_text()
        names = {code.name.zh: code.id for code in study.codebook}
        by_code = {code: [d.passage_id for d in study.decisions() if d.code_ids == (code,)] for code in names.values()}
        assert by_code[names["夜里"]] == ["a:0000", "a:0002", "a:0499"]
        assert by_code[names["白天"]] == ["a:0001", "a:0005"]
        assert len(by_code["longing"]) == 495
        go(page, "codebook")
        page.check(f"input[value={names['夜里']}]")
        page.check(f"input[value={names['白天']}]")
        page.select_option("#merge-bar select[name=into]", "longing")
        with page.expect_navigation():
            page.click("#merge-bar button")
        assert {d.code_ids for d in study.decisions()} == {("longing",)}
        page.check("input[name=every]")
        page.select_option("#recode select[name=to]", "school")
        with page.expect_navigation():
            page.click("button[value=move]")
        assert {d.code_ids for d in study.decisions()} == {("school",)}
        press(page, "u")
        assert {d.code_ids for d in study.decisions()} == {("longing",)}
        press(page, "r")
        assert {d.code_ids for d in study.decisions()} == {("school",)}


def test_what_two_people_change_at_once_is_shown_and_not_overwritten(coded, browse):
    with serving(coded.path) as address:
        pages = []
        for name in ("李", "王"):
            page = browse(address)
            page.fill("#name", name)
            press(page, "Enter")
            go(page, "quotations?c=longing")
            page.click("summary >> text=/^修改$/")
            pages.append(page)
        one, two = pages
        one.fill("#definition_zh", "想家。")
        with one.expect_navigation():
            one.click("form[action=edit-code] button.main")
        two.fill("#definition_zh", "想爸妈。")
        two.fill("#colour", "#aabbcc")
        with two.expect_navigation():
            two.click("form[action=edit-code] button.main")
        told = two.locator(".conflict").inner_text()
        assert "想家。" in told
        assert "想爸妈。" in told
        assert "李" in told
        assert coded.codebook["longing"].definition.zh == "想家。"
        assert two.input_value("#definition_zh") == "想爸妈。"
        with two.expect_navigation():
            two.click("form[action=edit-code] button.main")
        assert (coded.codebook["longing"].definition.zh, coded.codebook["longing"].colour) == ("想爸妈。", "#aabbcc")


def test_the_history_takes_any_change_back_and_exports_any_version(coded, browse, tmp_path):
    coded.codebook.rename("longing", "想家", by="王")
    with serving(coded.path, coder="李") as address:
        page = browse(address)
        go(page, "codebook-history")
        rows = page.locator("tbody tr").all_inner_texts()
        assert "想念" in rows[0]
        assert "想家" in rows[0]
        assert "太淡" in rows[1]
        with page.expect_download() as saved:
            page.click("tbody tr:nth-child(2) a")
        saved.value.save_as(tmp_path / "old.xlsx")
        assert load_codebook(tmp_path / "old.xlsx")["longing"].name.zh == "想念"
        with page.expect_navigation():
            page.click("tbody tr:nth-child(2) button")
        assert "已撤销" in page.locator("tbody tr").nth(2).inner_text()
    assert coded.codebook["school"].colour != "#b5cff0"
    assert coded.codebook["longing"].name.zh == "想家"


def test_a_code_in_use_is_not_retired_and_the_page_says_so(coded, browse):
    with serving(coded.path, coder="李") as address:
        page = browse(address)
        browse.expect("400")
        go(page, "quotations?c=longing")
        page.click("summary >> text=合并、拆分、停用")
        page.click("form[action=retire-code] button")
        page.locator("#waiting:visible").wait_for()
        assert "还在使用" in page.locator("#waiting").inner_text()
        assert "longing" in coded.codebook


def test_passages_alike_are_answered_by_key_and_a_refusal_is_no_decision(coded, browse):
    with serving(coded.path, coder="王") as address:
        page = browse(address)
        go(page, "quotations?c=school")
        if not page.locator("#alike li").count():  # where nothing is suggested, vectors are made in the background
            page.wait_for_timeout(1500)
            page.reload()
        first = page.locator("#alike li").nth(0)
        passage = first.get_attribute("aria-label")
        before = len(coded.history())
        page.keyboard.press("j")
        page.keyboard.press("x")
        first.locator("b", has_text="不属于").wait_for()
        assert len(coded.history()) == before + 1
        assert [(r.passage_id, r.code_id) for r in coded.refusals()] == [(passage, "school")]
        assert coded.decision_on(passage, "王") is None
        page.reload()
        assert passage not in [row.get_attribute("aria-label") for row in page.locator("#alike li").all()]
        go(page, "search?refused=1")
        assert passage in page.locator(".quotations").inner_text()
        press(page, "u")
        assert coded.refusals() == []


def test_filters_export_and_the_way_to_the_transcript_and_back(coded, browse, tmp_path):
    from docx import Document
    from openpyxl import load_workbook

    with serving(coded.path, coder="李") as address:
        page = browse(address)
        go(page, "quotations?c=school&with=longing")
        assert page.locator("#recode li").count() == 2
        names = {}
        for kind in ("Word", "Excel", "CSV"):
            with page.expect_download() as saved:
                page.click(f"a:has-text('{kind}')")
            names[kind] = tmp_path / f"{kind}.{saved.value.suggested_filename.rpartition('.')[2]}"
            saved.value.save_as(names[kind])
        table = [[cell.value for cell in row] for row in load_workbook(names["Excel"]).active.iter_rows()]
        first = coded.passages[0]
        row = dict(zip(table[0], table[1], strict=True))
        assert (row["引文"], row["开始"], row["结束"], row["其他编码"]) == (first.text, first.start, first.end, "想念")
        assert first.text in [paragraph.text for paragraph in Document(str(names["Word"])).paragraphs]
        assert first.text in names["CSV"].read_text(encoding="utf-8-sig")
        page.click("#recode li:nth-child(2) .head a")
        page.locator("#came-from").wait_for()
        press(page, "b")
        assert page.evaluate("location.hash") == "#q2"
        assert page.locator("#recode li").count() == 2


def test_an_interview_is_read_whole_with_stripes_and_every_part_arrives(tmp_path, browse):
    with many(tmp_path, 700) as study, serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "read?p=a:0400#p-a:0400")
        page.locator("#p-a\\:0699").wait_for(state="attached")
        page.locator("#p-a\\:0000").wait_for(state="attached")
        assert page.locator(".reading .turn").count() == 700
        assert page.locator(".stripe").count() == 700
        place = "document.getElementById('p-a:0400').getBoundingClientRect().y"
        page.wait_for_function(f"{place} > 0 && {place} < innerHeight")
        page.click("#p-a\\:0400")
        assert page.locator("#passage-head").inner_text().startswith("第 401 段")
        press(page, "b")
        assert page.evaluate("location.hash") == "#p-a:0400"
        go(page, "code")
        page.keyboard.press("g")
        page.keyboard.type("7")
        press(page, "Enter")
        assert page.locator("#passage-head").inner_text().startswith("第 7 段")


COMPOSED = (
    {"key": "Process", "code": "KeyY", "keyCode": 229}, {"key": "y", "code": "KeyY", "keyCode": 229},
    {"key": "x", "code": "KeyX", "keyCode": 88, "isComposing": True}, {"key": "1", "code": "Digit1", "keyCode": 229},
    {"key": "u", "code": "KeyU", "keyCode": 229}, {"key": "r", "code": "KeyR", "keyCode": 82, "isComposing": True},
    {"key": "Enter", "code": "Enter", "keyCode": 229},
    {"key": "Enter", "code": "Enter", "keyCode": 13, "isComposing": True},
)  # fmt: skip
EVERYWHERE = """(events) => {
  const fields = document.querySelectorAll("li.sortable, input:not([type=hidden]), textarea, select");
  const targets = [document.body, ...fields];
  for (const target of targets) for (const event of events)
    target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...event })); }"""


@pytest.mark.parametrize("where", ["quotations?c=school", "split?c=school&new=甲", "codebook", "search?q=想", "memos"])
def test_an_input_method_in_the_middle_of_a_word_does_nothing_in_any_field(coded, browse, where):
    before = len(coded.history()), len(coded.codebook_history())
    with serving(coded.path, coder="王") as address:
        page = browse(address)
        go(page, where)
        page.evaluate(EVERYWHERE, list(COMPOSED))
        page.wait_for_timeout(200)
        if where.startswith("split"):
            chosen = page.locator("select[name=to]").evaluate_all("(all) => all.map((each) => each.selectedIndex)")
            assert chosen == [0, 0]
        assert where.partition("?")[0] in page.url
    assert (len(coded.history()), len(coded.codebook_history())) == before


@pytest.mark.parametrize("size", [(1280, 800), (768, 1024), (390, 844)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_and_axe_finds_nothing_serious(coded, browse, size, language):
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    coded.record_memo(Memo(text="再听一遍", coder="李", about="passage", about_id=coded.passages[0].id))
    with serving(coded.path, coder="李") as address:
        page = browse(address, size, bypass_csp=True)
        if language == "en":
            with page.expect_navigation():
                page.click("button[name=language]")
        for where in PAGES:
            go(page, where)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], where
            found = page.evaluate(f"async () => {{ {axe}; return (await axe.run()).violations; }}")
            serious = [(v["id"], [n["html"][:160] for n in v["nodes"][:2]]) for v in found if v["impact"] in SERIOUS]
            assert serious == [], f"{where}: {json.dumps(serious, ensure_ascii=False)}"
