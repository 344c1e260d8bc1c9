"""What a run leaves behind: the report, the tables, the records and the account of the run."""

import csv
import dataclasses
import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import INTERVIEWS

from lbc_themes.assets import sha256_of
from lbc_themes.distress import DistressCue, DistressKind
from lbc_themes.errors import InputError, MissingExtraError
from lbc_themes.records import Bilingual, Codebook, Role
from lbc_themes.report import refuse_pictures, refuse_to_overwrite, wording, write_outputs, write_report
from lbc_themes.report.outputs import NAMES, suggestion_rows
from lbc_themes.report.theme_pictures import telling_attributes
from lbc_themes.run import RunOptions, RunResult, Unread, run
from lbc_themes.suggest.relevance import NOTHING_FITS, TOO_SHORT

HOSTILE_NAME = "C09<img src=x onerror=alert(1)>.txt"
HOSTILE = (
    "访谈者：<script>alert('问')</script>平时谁管钱？\n"
    "小禾：=HYPERLINK(\"http://example.org\",\"点我\")家里没钱，校服费太贵了，爷爷说先不交。\n"
    "访谈者：还有呢？\n"
    "小禾：</style><script src=http://example.org/x.js></script>我想妈妈，{{ 7*7 }} & <b>想</b>得睡不着觉。\n"
    "访谈者：后来呢？\n"
    "小禾：后来我真的不想活了，跟谁都没有说过这个话，作业也不写了，课也听不懂。\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def result(four_codes_file: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run over friendly and hostile interviews."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, text in {**INTERVIEWS, HOSTILE_NAME: HOSTILE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "broken.docx").write_bytes(b"no document")
    return run(RunOptions(source=folder, codebook=str(four_codes_file), out=folder / "unused"))


def into(result: RunResult, out: Path, **options: object) -> RunResult:
    return dataclasses.replace(result, options=dataclasses.replace(result.options, out=out, **options))


@pytest.fixture
def out(result: RunResult, tmp_path: Path) -> Path:
    """A folder with everything that the run leaves."""
    assert write_outputs(into(result, tmp_path / "deep" / "out")) == [
        tmp_path / "deep" / "out" / name for name in NAMES
    ]
    return tmp_path / "deep" / "out"


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


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def records_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# The report


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
    assert set(wording.ROLES) == {role.value for role in Role}
    assert set(wording.DISTRESS) == {kind.value for kind in DistressKind}
    assert {TOO_SHORT, NOTHING_FITS} <= set(wording.REASONS)
    tables = (wording.REASONS, wording.ROLES, wording.STATUS, wording.DISTRESS, wording.STAGES)
    for said in (words for table in tables for words in table.values()):
        assert re.search(r"[\u4e00-\u9fff]", said.zh)
        assert re.search(r"[a-z]", said.en)


PICTURES = ("map", "tree", "number", "heat", "attributes", "together", "saturation")


def plotted(path: Path) -> dict[str, dict[str, object]]:
    """The figures of a report by name, each in both languages."""
    page = path.read_text(encoding="utf-8")
    form = r'<figure id="picture-(\w+)">.*?data-language="zh">(.*?)</script>.*?data-language="en">(.*?)</script>'
    return {name: {"zh": json.loads(zh), "en": json.loads(en)} for name, zh, en in re.findall(form, page, re.DOTALL)}


def test_pictures_of_themes_are_in_the_report_with_plotly_once(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="themes"), tmp_path / "r.html")
    figures = plotted(tmp_path / "r.html")
    assert set(figures) <= set(PICTURES)
    assert {"map", "saturation"} <= set(figures)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.count("<script>/**") == 1
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", text)
    assert len([t for t in figures["map"]["zh"]["data"] for _ in t["text"]]) >= len(result.themes.themes_)


def test_hostile_words_cannot_leave_a_picture(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="themes"), tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    held = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert len(held) == 2 * len(plotted(tmp_path / "r.html"))
    assert not any(sign in figure for figure in held for sign in "<>&")
    said = " ".join(text for trace in json.loads(held[0])["data"] for text in trace["text"])
    assert "&lt;script src=" in said


def test_without_pictures_the_report_stays_small(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="none"), tmp_path / "r.html")
    assert plotted(tmp_path / "r.html") == {}
    assert (tmp_path / "r.html").stat().st_size < 1_000_000


def test_attributes_that_part_the_participants_are_drawn() -> None:
    known = {
        f"P{n}": {"name": f"n{n}", "gender": "女" if n % 2 else "男", "grade": "三" if n else "四", "role": "child"}
        for n in range(6)
    }
    assert telling_attributes(known) == ["gender"]
    known["P1"]["role"] = known["P2"]["role"] = "teacher"
    assert telling_attributes(known) == ["role", "gender"]


@pytest.mark.filterwarnings("ignore")
def test_pictures_by_bertopic_are_inside_the_report(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="bertopic"), tmp_path / "r.html")
    drawn = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "由 BERTopic 绘制" in drawn
    assert "Plotly.newPlot" in drawn
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", drawn)


def test_pictures_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(InputError, match=r"^--pictures must be one of themes, bertopic, none, not 'cloud'$"):
        refuse_pictures("cloud")


def test_pictures_whose_package_is_missing_are_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lbc_themes.report.figures.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'lbc_themes\[bertopic\]'$"):
        refuse_pictures("bertopic")
    refuse_pictures("none")


# Tables and records


@pytest.mark.parametrize("name", ["suggestions.csv", "themes.csv"])
def test_a_table_begins_with_the_mark_that_makes_excel_show_chinese(out: Path, name: str) -> None:
    content = (out / name).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert not content[3:].startswith(b"\xef\xbb\xbf")


def test_suggestions_have_a_row_for_each_passage_and_room_for_the_decision(out: Path, result: RunResult) -> None:
    rows = rows_of(out / "suggestions.csv")
    assert [row["passage"] for row in rows] == [passage.id.removeprefix("'") for passage in result.passages]
    for row, passage, suggestion in zip(rows, result.passages, result.suggestions, strict=True):
        assert (int(row["start"]), int(row["end"])) == (passage.start, passage.end)
        assert row["text"].removeprefix("'") == passage.text
        codes = [row[f"code_{number}"] for number in (1, 2, 3)]
        assert codes == [*(code.code_id for code in suggestion.codes), "", "", ""][:3]
        assert row["no_suggestion"] == suggestion.reason
        assert (row["decision"], row["decided_codes"], row["memo"]) == ("", "", "")
    named = next(row for row in rows if row["code_1"] == "money")
    assert (named["name_1_zh"], named["name_1_en"]) == ("经济困难", "Lack of money")


def test_cells_that_look_like_formulas_are_plain_text(result: RunResult, tmp_path: Path) -> None:
    signs = ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"]
    passages = [
        dataclasses.replace(p, text=sign.ljust(len(p.text)), speaker=sign, question=sign)
        for p, sign in zip(result.passages, signs, strict=False)
    ]
    count = len(passages)
    cut = dataclasses.replace(result, passages=passages, suggestions=result.suggestions[:count])
    cut = dataclasses.replace(into(cut, tmp_path / "out"), distress=result.distress[:count])
    result.themes.labels_, whole = result.themes.labels_[:count], result.themes.labels_
    try:
        write_outputs(cut)
    finally:
        result.themes.labels_ = whole
    for row, sign in zip(rows_of(tmp_path / "out" / "suggestions.csv"), signs, strict=False):
        assert row["text"] == "'" + sign.ljust(len(row["text"]) - 1)
        assert (row["speaker"], row["question"]) == (f"'{sign}", f"'{sign}")


@pytest.mark.parametrize("name", ["suggestions.csv", "themes.csv"])
def test_no_cell_of_a_hostile_run_begins_like_a_formula(out: Path, name: str) -> None:
    cells = [cell for row in rows_of(out / name) for cell in row.values() if not re.fullmatch(r"-?[\d.]+", cell)]
    assert cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_themes_have_a_row_each(out: Path, result: RunResult) -> None:
    rows = rows_of(out / "themes.csv")
    assert [int(row["theme"]) for row in rows] == [theme.id for theme in result.themes.themes_]
    assert [int(row["passages"]) for row in rows] == [len(theme.passages) for theme in result.themes.themes_]


def test_records_hold_what_was_found_and_slices_are_the_words(out: Path, result: RunResult) -> None:
    texts = {transcript.id: transcript.text for transcript in result.transcripts}
    passages = records_of(out / "passages.jsonl")
    assert [record["id"] for record in passages] == [passage.id for passage in result.passages]
    for record in passages:
        said = "".join(texts[str(record["transcript_id"])][a:b] for a, b in record["spans"])  # type: ignore[attr-defined]
        assert said == record["text"]
    assert [record["theme"] for record in passages] == result.themes.labels_.tolist()
    suggestions = records_of(out / "suggestions.jsonl")
    assert [record["passage_id"] for record in suggestions] == [record["id"] for record in passages]


def test_the_account_says_what_was_run_on_what_with_what(out: Path, result: RunResult) -> None:
    account = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert account["options"]["seed"] == 0
    assert account["options"]["encoder"] == "e5-small-zh.v1"
    assert account["codebook"] == {"id": "four", "version": "1", "codes": 4}
    assert account["codebook_sha256"] == sha256_of(Path(result.options.codebook))
    assert {entry["transcript"]: entry["sha256"] for entry in account["inputs"]} == {
        transcript.id: sha256_of(Path(transcript.source)) for transcript in result.transcripts
    }
    assert [Path(entry["file"]).name for entry in account["unread"]] == ["broken.docx"]
    assert account["counts"]["passages"] == len(result.passages)
    assert set(account["seconds"]) >= {"read", "segment", "encode", "suggest", "themes"}
    assert {"lbc_themes", "jieba", "onnxruntime", "numpy"} <= set(account["versions"])
    assert {"python", "system", "processor"} == set(account["machine"])


def test_the_same_seed_leaves_the_same_bytes(result: RunResult, tmp_path: Path) -> None:
    again = run(result.options)
    write_outputs(into(result, tmp_path / "one"))
    write_outputs(into(again, tmp_path / "other"))
    for name in set(NAMES) - {"run.json", "report.html"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name


def test_a_run_with_everything_silent_is_written_all_the_same(result: RunResult, tmp_path: Path) -> None:
    silent = [dataclasses.replace(s, codes=(), reason=TOO_SHORT) for s in result.suggestions]
    bare = dataclasses.replace(into(result, tmp_path / "out"), suggestions=silent, unread=list[Unread]())
    write_outputs(bare)
    assert {row["no_suggestion"] for row in rows_of(tmp_path / "out" / "suggestions.csv")} == {TOO_SHORT}


# Earlier results


def test_earlier_results_are_kept_unless_forced(out: Path, result: RunResult) -> None:
    (out / "themes.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        write_outputs(into(result, out))
    assert str(caught.value) == (
        f"{out} holds {', '.join(NAMES)} already; name another folder or give --force to overwrite them"
    )
    assert (out / "themes.csv").read_text(encoding="utf-8") == "mine"
    write_outputs(into(result, out, force=True))
    assert (out / "themes.csv").read_text(encoding="utf-8-sig") != "mine"


def test_a_folder_with_other_files_is_written_into(tmp_path: Path, result: RunResult) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_outputs(into(result, tmp_path))
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("below", ["file", "file/out"])
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"^--out \S+: \S+file is a file; name a folder$"):
        refuse_to_overwrite(tmp_path / below, force=True)


def test_a_folder_that_can_not_be_written_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(InputError, match=r"^--out \S+: nothing can be written in \S+; name another folder$"):
        refuse_to_overwrite(tmp_path / "out", force=False)


def test_a_full_disk_is_said_in_one_line(result: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lbc_themes.report.outputs.write_report", full)
    with pytest.raises(
        InputError, match=r"the results can't be written there \(\[Errno 28\] No space left on device\)"
    ):
        write_outputs(into(result, tmp_path / "out"))


def test_a_codebook_that_travels_with_the_library_has_its_checksum_too(result: RunResult, tmp_path: Path) -> None:
    named: Codebook = result.codebook
    write_outputs(dataclasses.replace(into(result, tmp_path, codebook="left-behind-children"), codebook=named))
    account = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[0-9a-f]{64}", account["codebook_sha256"])
