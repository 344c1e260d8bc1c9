"""The report of a run: words of an interview are never markup, both languages say the same, everything is there."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lbc_themes import report
from lbc_themes.codebook.draft import GREY
from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual, Role, shown_codes
from lbc_themes.pipeline import RunResult
from lbc_themes.report import write_report
from lbc_themes.report.outputs import suggestion_rows
from lbc_themes.report.page import decompressed, first_to_look_at, payload, shared, themes, unshared
from lbc_themes.safeguards.distress import DistressCue, DistressKind
from lbc_themes.suggest.abstention import NOTHING_FITS, TOO_SHORT
from lbc_themes.suggest.codebook_fit import OTHER_TOPIC, CodebookFit


class Page(HTMLParser):
    """The tags, the addresses and the visible text of a page, the texts of its two languages, and what it builds."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.languages: list[tuple[str, str]] = []
        self.packed: dict[str, str] = {}
        self.scripts: list[str] = []
        self._inside: list[tuple[str, str | None]] = []
        self._script = ""
        self.feed(page)
        self.data = unshared(self.packed["data-passages"])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.addresses += [named[name] or "" for name in ("src", "href", "data", "srcset", "action") if name in named]
        self.handlers += [name for name in named if name.startswith("on")]
        self.styles += [named["style"] or ""] if "style" in named else []
        if tag not in {"meta", "link", "img", "br", "input"}:
            self._inside.append((tag, named.get("lang") if tag == "span" else None))
        if tag == "script":
            self._script = named.get("id") or ""

    def handle_endtag(self, tag: str) -> None:
        assert self._inside
        assert self._inside.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._inside]
        if "style" in tags:
            self.styles.append(data)
        elif "script" in tags and self._script:
            self.packed[self._script] = decompressed(data)
        elif "script" in tags:
            self.scripts.append(data)
        else:
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
    assert page.tags.count("script") == 2
    assert page.tags.count("style") == 1
    assert page.handlers == []
    assert "b" not in {tag for tag, _ in page._inside}
    for text in ("<script>alert('问')</script>平时谁管钱？", "{{ 7*7 }} & <b>想</b>得睡不着觉", "onerror=alert(1)"):
        assert text in page.text + str([[entry["q"], entry["text"]] for entry in page.data["passages"]])


def test_the_script_sets_words_as_text_and_asks_nobody(page: Page) -> None:
    assert len(page.scripts) == 1
    unsafe = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|fetch\(|XMLHttp"
    assert not re.search(unsafe, page.scripts[0])


def test_every_passage_and_question_can_be_read_in_the_report(page: Page, result: RunResult) -> None:
    entries = page.data["passages"]
    assert [(e["text"], e["q"], e["from"], e["to"], e["id"]) for e in entries] == [
        (p.text, p.question, p.start, p.end, p.id) for p in result.passages
    ]
    assert sorted(place for places in page.data["interviews"] for place in places) == list(range(len(entries)))
    for places, transcript in zip(page.data["interviews"], result.transcripts, strict=True):
        assert {result.passages[place].transcript_id for place in places} <= {transcript.id}
    for entry, suggestion in zip(entries, result.suggestions, strict=True):
        shown = [round(code.probability, 3) for code in suggestion.codes if code.probability >= 0.05]
        assert [code[1] for code in entry["codes"]] == shown


def test_a_further_suggestion_below_five_percent_is_not_shown(result: RunResult) -> None:
    ranked = next(s for s in result.suggestions if s.codes)
    codes = tuple(dataclasses.replace(ranked.codes[0], probability=p) for p in (0.04, 0.05, 0.049))
    assert [c.probability for c in shown_codes(dataclasses.replace(ranked, codes=codes))] == [0.04, 0.05]
    assert shown_codes(dataclasses.replace(ranked, codes=())) == ()


def test_passages_with_words_of_distress_come_first_with_their_words(page: Page, result: RunResult) -> None:
    first = page.text.split("请先看这些段落")[1].split("各编码作为首选建议的段落数")[0]
    for flagged in first_to_look_at(result):
        assert flagged.passage.text in first
    assert "自杀：suicide: 不想活" in first
    assert "没有找到这类说法" not in first


def test_the_plainest_words_of_distress_come_first(result: RunResult) -> None:
    cues = [
        DistressCue(kind=DistressKind.ABUSE, start=0, end=2, text=text, strength=strength)
        for text, strength in (("一", 0.3), ("二", 0.9), ("三", 0.3))
    ]
    distress = [(cue,) for cue in cues] + [()] * (len(result.passages) - 3)
    assert [entry.place for entry in first_to_look_at(dataclasses.replace(result, distress=distress))] == [1, 0, 2]


def test_where_nothing_speaks_of_distress_the_report_says_so(result: RunResult, tmp_path: Path) -> None:
    write_report(dataclasses.replace(result, distress=[()] * len(result.passages)), tmp_path / "r.html")
    assert "没有找到这类说法" in Page((tmp_path / "r.html").read_text(encoding="utf-8")).text


def test_a_codebook_that_does_not_fit_is_said_before_anything_else(result: RunResult, tmp_path: Path) -> None:
    topics = (Bilingual(zh="宠物", en="pets"), Bilingual(zh="体育运动", en="sports"))
    fit = CodebookFit(share=0.124, fits=(False,) * len(result.passages), topics=topics)
    write_report(dataclasses.replace(result, codebook_fit=fit), tmp_path / "r.html")
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "只有 12% 的段落" in text.split("份访谈")[0]
    assert "宠物、体育运动" in text
    assert "pets, sports" in text
    write_report(dataclasses.replace(result, codebook_fit=dataclasses.replace(fit, share=0.25)), tmp_path / "r.html")
    assert "编码本可能不适合" not in Page((tmp_path / "r.html").read_text(encoding="utf-8")).text


@pytest.mark.slow
def test_whatever_is_said_in_one_language_is_said_in_the_other(page: Page) -> None:
    chinese = [text for language, text in page.languages if language == "zh"]
    english = [text for language, text in page.languages if language == "en"]
    assert len(chinese) == len(english) > 70
    assert all(text.strip() for text in chinese + english)
    assert [language for language, _ in page.languages[:2]] == ["zh", "en"]


@pytest.mark.slow
def test_the_report_says_in_both_languages_that_it_decides_nothing(page: Page) -> None:
    assert "以下都是机器的建议，不是研究结论，更不是诊断。" in page.text
    assert "Everything below is a suggestion of a machine, not a finding and no diagnosis." in page.text


def test_the_report_names_codes_themes_and_reasons(page: Page, result: RunResult) -> None:
    for code in result.codebook:
        assert code.name.zh in page.text
        assert code.name.en in page.text
        assert code.definition.zh in page.text
    for theme in result.themes.themes_:
        assert theme.name in page.text
    assert any("提到“" in code[2] for entry in page.data["passages"] for code in entry["codes"])


def test_a_passage_with_words_of_distress_says_please_look(page: Page) -> None:
    assert any(["suicide", "不想活"] in entry["cues"] for entry in page.data["passages"])


def test_wording_that_only_resembles_distress_stands_apart(result: RunResult, tmp_path: Path) -> None:
    cue = DistressCue(kind=DistressKind.UNCLEAR, start=0, end=2, text="撑着", strength=0.2)
    distress = [(cue,), *((),) * (len(result.passages) - 1)]
    write_report(dataclasses.replace(result, distress=distress), tmp_path / "r.html")
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "没有找到这类说法" in page.text
    assert "另有 1 段措辞相近" in page.text
    assert [entry["cues"] for entry in page.data["passages"]][:2] == [[["unclear", "撑着"]], []]
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
    assert hostile.tags.count("script") == 2
    assert hostile.data["codes"][0][2] == GREY
    assert "img" not in hostile.tags
    assert not any("url(" in style for style in hostile.styles)


def test_a_code_that_nobody_voiced_is_shown_with_nought(result: RunResult, tmp_path: Path) -> None:
    silent = [dataclasses.replace(s, codes=(), reason=NOTHING_FITS) for s in result.suggestions]
    write_report(dataclasses.replace(result, suggestions=silent), tmp_path / "r.html")
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert {entry["why"] for entry in page.data["passages"] if not entry["cues"]} == {NOTHING_FITS}
    assert page.data["reasons"][NOTHING_FITS] == [
        "像闲聊或事务性的话，没有合适的编码",
        "small talk or logistics: no code fits",
    ]


def test_every_word_that_the_report_may_need_is_there_in_both_languages() -> None:
    assert set(word_table("words.roles")) == {role.value for role in Role}
    assert set(word_table("words.distress")) == {kind.value for kind in DistressKind}
    assert {TOO_SHORT, NOTHING_FITS, OTHER_TOPIC} <= set(word_table("words.reasons"))
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


def test_the_template_and_its_script_use_every_wording_and_no_other() -> None:
    folder = Path(report.__file__).parent / "templates"
    template = (folder / "report.html").read_text(encoding="utf-8")
    script = (folder / "report.js").read_text(encoding="utf-8")
    assert set(re.findall(r'\bm\("(\w+)"', template)) == set(word_table("report.page"))
    in_template = set(re.findall(r'message\("report\.script\.(\w+)"', template))
    assert set(re.findall(r'words\("(\w+)"', script)) | in_template == set(word_table("report.script"))


def test_a_long_string_travels_once_and_comes_back_as_it_was() -> None:
    long = "后来我真的不想活了，跟谁都没有说过这个话。"
    given = {"a": [long, "short", 1, None, {"b": long}], "c": "\x010", "d": [], "e": 0.5}
    assert shared(given).count(long) == 1
    assert unshared(shared(given)) == given


def test_a_passage_of_risk_is_never_called_small_talk(result: RunResult) -> None:
    """Whatever wrote the suggestions, and in files as on the page."""
    cue = DistressCue(kind=DistressKind.ABUSE, start=0, end=1, text=result.passages[0].text[0], strength=0.5)
    silent = [dataclasses.replace(s, codes=(), reason="nothing-fits") for s in result.suggestions]
    distress = [(cue,), *[()] * (len(silent) - 1)]
    mapped = [dataclasses.replace(theme, status="new") for theme in result.theme_map.themes]
    theme_map = dataclasses.replace(result.theme_map, themes=tuple(mapped))
    changed = dataclasses.replace(result, suggestions=silent, distress=distress, theme_map=theme_map)
    assert [entry["why"] for entry in payload(changed)["passages"][:2]] == ["distress", "nothing-fits"]
    assert [row["no_suggestion"] for row in suggestion_rows(changed)[:2]] == ["distress", "nothing-fits"]
    with_risk = [theme.theme_id for theme in mapped if 0 in theme.members]
    said = {entry["theme"].id: entry["status"] for entry in themes(changed)}
    assert {number for number, status in said.items() if status == "new-distress"} == set(with_risk)


def test_parts_of_theories_count_first_suggestions_and_say_that_nobody_coded(result: RunResult, tmp_path: Path) -> None:
    first, *others = result.codebook
    told = dataclasses.replace(first, facets={"maslow": ("belonging",)})
    book = dataclasses.replace(result.codebook, codes=(told, *others))
    result = dataclasses.replace(result, codebook=book)
    ((_, (theory,)), wanted) = report.page.theories(result), [
        place for place, s in enumerate(result.suggestions) if s.codes and s.codes[0].code_id == first.id
    ]  # fmt: skip
    (part,) = (part for part in theory.parts if part.places)
    assert (part.name.zh, list(part.places), sum(part.roles)) == ("归属与爱", wanted, len(wanted))
    write_report(result, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "还没有人编码" in page
    assert page.count("没有建议指向这里") == len(theory.parts) - 1 == 4
