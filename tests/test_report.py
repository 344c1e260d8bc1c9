"""The report of a run: words of an interview are never markup, both languages say the same, everything is there."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual, Role
from lbc_themes.pipeline import RunResult
from lbc_themes.report import write_report
from lbc_themes.report.outputs import suggestion_rows
from lbc_themes.safeguards.distress import DistressCue, DistressKind
from lbc_themes.suggest.abstention import NOTHING_FITS, TOO_SHORT


class Page(HTMLParser):
    """The tags, the addresses and the visible text of a page, and the texts of its two languages."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.languages: list[tuple[str, str]] = []
        self._inside: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.addresses += [named[name] or "" for name in ("src", "href", "data", "srcset", "action") if name in named]
        self.handlers += [name for name in named if name.startswith("on")]
        self.styles += [named["style"] or ""] if "style" in named else []
        if tag not in {"meta", "link", "img", "br"}:
            self._inside.append((tag, named.get("lang") if tag == "span" else None))

    def handle_endtag(self, tag: str) -> None:
        assert self._inside
        assert self._inside.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._inside]
        if "style" in tags:
            self.styles.append(data)
        elif "script" not in tags:
            self.text += data
            spoken = [language for _, language in self._inside if language]
            self.languages += [(spoken[-1], data)] if spoken else []


@pytest.fixture
def page(out: Path) -> Page:
    return Page((out / "report.html").read_text(encoding="utf-8"))


def test_the_report_loads_nothing_from_anywhere(page: Page) -> None:
    assert all(address.startswith("#") for address in page.addresses)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not any("url(" in style or "@import" in style for style in page.styles)


def test_words_of_an_interview_are_never_markup(page: Page) -> None:
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 1
    assert page.handlers == []
    assert "b" not in {tag for tag, _ in page._inside}
    for text in ("<script>alert('问')</script>平时谁管钱？", "{{ 7*7 }} & <b>想</b>得睡不着觉", "onerror=alert(1)"):
        assert text in page.text


def test_every_passage_and_question_can_be_read_in_the_report(page: Page, result: RunResult) -> None:
    for passage in result.passages:
        assert passage.text in page.text
        assert passage.question in page.text
        assert f"{passage.start}–{passage.end}" in page.text


def test_whatever_is_said_in_one_language_is_said_in_the_other(page: Page) -> None:
    chinese = [text for language, text in page.languages if language == "zh"]
    english = [text for language, text in page.languages if language == "en"]
    assert len(chinese) == len(english) > 100
    assert all(text.strip() for text in chinese + english)
    assert [language for language, _ in page.languages[:2]] == ["zh", "en"]


def test_the_report_says_in_both_languages_that_it_decides_nothing(page: Page) -> None:
    assert "以下都是机器给出的建议，不是结论" in page.text
    assert "Everything below is a suggestion of a machine, not a finding." in page.text
    assert "none of it is a diagnosis" in page.text


def test_the_report_names_codes_themes_and_reasons(page: Page, result: RunResult) -> None:
    for code in result.codebook:
        assert code.name.zh in page.text
        assert code.name.en in page.text
        assert code.definition.zh in page.text
    for theme in result.themes.themes_:
        assert theme.name in page.text
    assert "提到“" in page.text


def test_a_passage_with_words_of_distress_says_please_look(page: Page) -> None:
    assert "请看：" in page.text
    assert "不想活" in page.text


def test_wording_that_only_resembles_distress_stands_apart(result: RunResult, tmp_path: Path) -> None:
    cue = DistressCue(kind=DistressKind.UNCLEAR, start=0, end=2, text="撑着", strength=0.2)
    distress = [(cue,), *((),) * (len(result.passages) - 1)]
    write_report(dataclasses.replace(result, distress=distress), tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "请看：" not in page
    assert "措辞相近，没有已知的说法" in page
    assert "<b>0</b>" in page.split("段请先看")[0]
    row = suggestion_rows(dataclasses.replace(result, distress=distress))[0]
    assert (row["distress"], row["distress_unclear"]) == ("", "撑着")


def test_a_file_that_was_not_read_stands_in_the_report(page: Page) -> None:
    assert "没有读到的文件" in page.text
    assert "broken.docx" in page.text


def test_a_hostile_codebook_reaches_neither_markup_nor_style(result: RunResult, tmp_path: Path) -> None:
    first = dataclasses.replace(
        result.codebook.codes[0],
        name=Bilingual(zh="<img src=x>", en="\"><script>alert(1)</script>"),
        colour="red;background-image:url(http://example.org/x.png)",
    )  # fmt: skip
    book = dataclasses.replace(result.codebook, codes=(first, *result.codebook.codes[1:]))
    write_report(dataclasses.replace(result, codebook=book), tmp_path / "r.html")
    hostile = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert hostile.tags.count("script") == 1
    assert "img" not in hostile.tags
    assert not any("url(" in style for style in hostile.styles)


def test_a_code_that_nobody_voiced_is_shown_with_nought(result: RunResult, tmp_path: Path) -> None:
    silent = [dataclasses.replace(s, codes=(), reason=NOTHING_FITS) for s in result.suggestions]
    write_report(dataclasses.replace(result, suggestions=silent), tmp_path / "r.html")
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "像闲聊或事务性的话，没有合适的编码" in text
    assert "small talk or logistics: no code fits" in text


def test_every_word_that_the_report_may_need_is_there_in_both_languages() -> None:
    assert set(word_table("words.roles")) == {role.value for role in Role}
    assert set(word_table("words.distress")) == {kind.value for kind in DistressKind}
    assert {TOO_SHORT, NOTHING_FITS} <= set(word_table("words.reasons"))
    tables = (
        word_table("words.reasons"),
        word_table("words.roles"),
        word_table("words.status"),
        word_table("words.distress"),
        word_table("words.stages"),
    )
    for said in (words for table in tables for words in table.values()):
        assert re.search(r"[\u4e00-\u9fff]", said.zh)
        assert re.search(r"[a-z]", said.en)
