"""The codebook as it grows: new codes while coding, all quotations of one, many recoded at once, search."""

import pytest
from browser_pages import go, here, press, select, serving, verdicts
from study_samples import both, decision


def test_a_new_code_is_made_while_coding_and_marked_as_without_a_definition(study, browse):
    first, second = (p.id for p in study.passages[:2])
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("Shift+Digit1")
        page.keyboard.press("/")
        page.keyboard.type("田埂上发呆")
        assert page.locator("#new-code").inner_text() == "新建编码“田埂上发呆”"
        press(page, "Enter")
        assert "已新建编码" in page.locator("#remark").inner_text()
        assert here(page) == second
        (made,) = [code for code in study.codebook if code.name.zh == "田埂上发呆"]
        assert verdicts(study) == [(first, "changed", ("longing", made.id))]
        page.keyboard.press("/")
        page.keyboard.type("tgsfd")
        row = page.locator("#codes li.first")
        assert row.locator(".name").inner_text() == "田埂上发呆"
        assert "无定义" in row.inner_text()
        press(page, "Enter")
    assert [(c.action, c.by) for c in study.codebook_changes] == [("add", "李")]
    assert verdicts(study)[1] == (second, "changed", (made.id,))


def test_a_new_code_for_selected_words(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        select(page, "拔完就在田埂")
        page.keyboard.press("c")
        page.keyboard.type("田埂")
        press(page, "Enter")
    (coding,) = study.codings(coder="李")
    assert study.codebook[coding.code_id].name.zh == "田埂"


def test_a_name_that_a_code_has_makes_no_second_one(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("/")
        page.keyboard.type("学校")
        assert page.locator("#new-code").is_hidden()
        press(page, "Enter")
    assert study.codebook_changes == ()


@pytest.mark.parametrize("words", ["想念", "xiangnian", "xn", "longing", "學校", "xuexiao", "xx"])
def test_codes_are_found_by_name_id_pinyin_initials_and_traditional_characters(study, browse, words):
    wanted = "想念" if words in {"想念", "xiangnian", "xn", "longing"} else "学校"
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("/")
        page.keyboard.type(words)
        assert wanted in page.locator("#codes li:visible .name").all_inner_texts()


def test_many_quotations_are_recoded_and_all_of_it_is_undone(study, browse):
    for number in (0, 1):
        study.record(decision(study, number, "accepted", "longing", "school"))
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    before = verdicts(study)
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "codebook")
        page.fill("#filter-codes", "xn")
        page.click("#code-table tbody tr:visible a")
        assert page.locator(".quotations:not(#alike) li").count() == 3
        assert page.locator("input[name=at]").count() == 2
        page.check("#choose-all")
        page.select_option("select[name=to]", "homework")
        with page.expect_navigation():
            page.click("button[value=move]")
        assert "2 处由“想念”改为“作业”" in page.locator("#remark").inner_text()
        assert [codes for _, _, codes in verdicts(study)] == [("homework", "school")] * 2
        press(page, "u")
        assert [codes for _, _, codes in verdicts(study)] == [codes for _, _, codes in before]
        page.check("#choose-all")
        with page.expect_navigation():
            page.click("button[value=remove]")
        assert [codes for _, _, codes in verdicts(study)] == [("school",)] * 2
        press(page, "u")
        assert [codes for _, _, codes in verdicts(study)] == [codes for _, _, codes in before]
    assert [d.code_ids for d in study.decisions(coder="王")] == [("longing",)]


def test_removing_the_only_code_opens_the_passage_again(study, browse):
    study.record(decision(study, 0, "accepted", "longing"))
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "quotations?c=longing")
        page.check("#choose-all")
        with page.expect_navigation():
            page.click("button[value=remove]")
        assert study.decisions() == []
        press(page, "u")
    assert verdicts(study) == [(study.passages[0].id, "accepted", ("longing",))]


def test_a_code_is_defined_beside_its_quotations(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "codebook")
        page.fill("#new-name", "数羊")
        page.select_option("#new-parent", "longing")
        page.focus("#new-name")
        press(page, "Enter")
        page.locator("h1", has_text="数羊").wait_for()
        page.click("summary >> text=/^修改$/")
        page.fill("#definition_zh", "睡不着时数东西。")
        page.fill("#include", "数羊\n数星星")
        page.fill("#reason", "补定义")
        with page.expect_navigation():
            page.click("form[action=edit-code] button.main")
        assert "睡不着时数东西。" in page.locator("main").inner_text()
    (made,) = [code for code in study.codebook if code.name.zh == "数羊"]
    assert (made.parent, made.definition.zh, len(made.include)) == ("longing", "睡不着时数东西。", 2)
    assert [c.why for c in study.codebook_changes] == ["", "补定义"]


@pytest.mark.parametrize("query", ["想我妈", "想我媽", "拔草", "“田埂上坐着”"])
def test_text_is_found_in_simplified_and_traditional_characters(study, browse, query):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "search")
        page.keyboard.type(query)
        press(page, "Enter")
        assert study.passages[0].id in page.locator(".quotations").inner_text()
        assert page.locator(".quotations mark").count() >= 1


def test_what_was_found_is_coded_at_once_and_undone(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "search?q=想")
        page.check("#choose-all")
        page.select_option("select[name=to]", "longing")
        with page.expect_navigation():
            page.click("button[value=add]")
        assert len(study.decisions()) >= 2
        press(page, "u")
        assert study.decisions() == []
        go(page, "search?q=2")
        with page.expect_navigation():
            page.click("main p.card a")
        assert here(page) == study.passages[1].id


@pytest.mark.parametrize("size", [(1280, 800), (768, 1024), (390, 844)])
def test_the_pages_of_the_codebook_fit(study, browse, size):
    study.record(decision(study, 0, "accepted", "longing"))
    with serving(study.path, coder="李") as address:
        page = browse(address, size)
        for where in ("code", "codebook", "quotations?c=longing", "search?q=想", "interviews", "dashboard"):
            go(page, where)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], where


def test_a_code_that_is_called_so_comes_before_one_whose_definition_has_the_word(study, browse):
    study.codebook.redefine("longing", by="王", definition=both("不是学校里的事。", "Not school."))
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("/")
        page.keyboard.type("学校")
        names = page.locator("#codes li:visible .name").all_inner_texts()
        assert names[0] == "学校"
        assert "想念" in names
        press(page, "Enter")
    assert verdicts(study)[0][2] == ("school",)
