"""An agreement table as data frame, Markdown, Word and CSV."""

import csv
from dataclasses import replace

import docx
import pytest
from agreement_samples import STUDY, TEN, coding, on, passage
from docx.enum.section import WD_ORIENT

from lbc_themes.agreement import (
    MEASURES,
    AgreementRow,
    Estimate,
    agreement,
    agreement_by_kind,
    krippendorff_bar,
    landis_koch,
)
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import plain_cell
from lbc_themes.core.records import Bilingual, Code, Codebook


def test_csv_is_what_pandas_writes_of_the_frame(tmp_path):
    """Byte for byte, cells that the data leave undefined and marks in names among them."""
    table = agreement([replace(c, coder=f"={c.coder}, 甲") for c in STUDY], passages=TEN, codes=["父母", "老师"])
    assert any(figure.value is None for row in table.rows for figure in row.measures.values())
    table.write_csv(tmp_path / "a.csv")
    by_pandas = table.to_frame().map(plain_cell).to_csv(index=False, lineterminator="\r\n")
    assert (tmp_path / "a.csv").read_bytes() == by_pandas.encode("utf-8-sig")


def test_an_unknown_row_is_refused():
    with pytest.raises(InputError, match="no row 'x'; it has overall, pooled and the codes 学习, 父母"):
        agreement(STUDY, passages=TEN).row("x")


NOTHING = Bilingual(zh="", en="")
BOOK = Codebook(
    id="b",
    version="1",
    name=Bilingual(zh="书", en="book"),
    codes=(Code(id="父母", name=Bilingual(zh="父母外出", en="Parents away"), brief=NOTHING, definition=NOTHING),),
)


def test_the_frame_has_a_line_for_each_row_and_columns_for_each_measure():
    frame = agreement(STUDY, passages=TEN).to_frame()
    assert frame["scope"].tolist() == ["overall", "pooled", "code", "code"]
    assert {"cohen_kappa", "cohen_kappa_low", "alpha_masi", "cu_alpha_high", "prevalence[李]"} <= set(frame.columns)
    assert frame.set_index("code").loc["父母", "percent"] == pytest.approx(0.8)


def test_markdown_has_names_of_codes_and_notices_in_the_language():
    table = agreement(STUDY, passages=TEN)
    zh, en = table.to_markdown("zh", BOOK), table.to_markdown("en", BOOK)
    assert "| 父母外出 |" in zh
    assert "| Parents away |" in en
    assert "一致率" in zh
    assert "Percent agreement" in en
    assert "\n- 单位：段落。受访者：1 位。\n" in zh
    assert all(notice.text.zh in zh and notice.text.en in en for notice in table.notices)
    lines = [line for line in zh.splitlines() if line.startswith("|")]
    assert len({line.count("|") - line.count("\\|") for line in lines}) == 1
    assert len(lines) == 2 + len(table.rows)


def test_word_and_csv_hold_the_same_rows(tmp_path):
    table = agreement(STUDY, passages=TEN)
    table.write_docx(tmp_path / "a.docx", "zh")
    table.write_csv(tmp_path / "a.csv")
    (grid,) = docx.Document(str(tmp_path / "a.docx")).tables
    assert [row.cells[0].text for row in grid.rows][3:] == ["学习", "父母"]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["code"] for row in csv.DictReader(file)] == ["", "", "学习", "父母"]
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_every_measure_has_a_name_in_both_languages():
    table = agreement([*STUDY, *on("机", "父母", 0)], passages=TEN)
    shown = {name for row in (*table.rows, *agreement(STUDY, passages=TEN).rows) for name in row.measures}
    assert shown == set(MEASURES)


def test_bars_begin_at_their_figures():
    words = [landis_koch(kappa).en for kappa in (-0.01, 0, 0.21, 0.41, 0.61, 0.81)]
    assert words == ["poor", "slight", "fair", "moderate", "substantial", "almost perfect"]
    assert [krippendorff_bar(alpha).en.split()[0] for alpha in (0.66, 0.667, 0.8)] == ["not", "tentative", "reliable"]


def test_the_frame_names_the_coders_and_has_figures_with_their_ends():
    places = [passage(f"{t}.{i}", 10 * i, 10 * i + 10, f"T{t}") for t in range(6) for i in range(4)]
    codings = [coding(who, p.start, p.end, "父母", p.transcript_id) for who in "李王" for p in places[who == "王" :: 2]]
    table = agreement([*codings, *on("李", "学习", 1, transcript_id="T0")], passages=places, draws=40)
    line = table.to_frame().set_index("code").loc["父母"].to_dict()
    assert line["kind"] == "all"
    assert (line["coders"], line["scope"], line["unit"]) == ("李 × 王", "code", "passage")
    assert (line["units"], line["include_uncoded"]) == (24, True)
    row = table.row("父母")
    for name, figure in [*row.measures.items(), *((f"prevalence[{who}]", row.prevalence[who]) for who in "李王")]:
        assert (line[name], line[f"{name}_low"], line[f"{name}_high"]) == (figure.value, figure.low, figure.high)
    assert line["percent_low"] is not None


MARKDOWN = """## Agreement between coders

| Code | Units | Percent agreement | Cohen's kappa | Krippendorff's alpha (nominal) | Gwet's AC1 | Brennan-Prediger \
| Alpha (Jaccard distance) | Alpha (MASI distance) | Unitizing uα | Unitizing \\|uα (coded or not) \
| Unitizing cuα (where both coded) | Prevalence | Against the bars |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| Overall (the same set of codes) | 10 | 0.70 | 0.53 | 0.55 | 0.56 | 0.55 | 0.55 | 0.55 | 0.55 | 0.60 | 0.57 \
| 李 0.60; 王 0.60 | κ moderate; α not reliable (under .667) |
| Pooled (each code on each unit) | 20 | 0.80 | 0.52 | 0.54 | 0.66 | 0.60 |  |  |  |  |  \
| 李 0.30; 王 0.30 | κ moderate; α not reliable (under .667) |
| 学习 | 10 | 0.80 | 0.38 | 0.41 | 0.71 | 0.60 |  |  | 0.38 |  |  \
| 李 0.20; 王 0.20 | κ fair; α not reliable (under .667) |
| Parents away | 10 | 0.80 | 0.58 | 0.60 | 0.62 | 0.60 |  |  | 0.59 |  |  \
| 李 0.40; 王 0.40 | κ moderate; α not reliable (under .667) |

### Notes

- Unit: passages. Participants: 1.
"""


def test_the_markdown_of_two_coders_is_this():
    table = agreement(STUDY, passages=TEN)
    assert table.to_markdown("en", BOOK) == MARKDOWN + "".join(f"- {n.text.en}\n" for n in table.notices)


def test_figures_stand_with_their_interval_and_a_dash_where_they_are_undefined():
    undefined, bare, full = Estimate(value=None), Estimate(value=0.5), Estimate(value=0.5, low=0.25, high=1)
    measures = {"percent": full, "cohen_kappa": undefined, "alpha": undefined, "ac1": bare}
    row = AgreementRow(
        scope="overall", code_id="", coders=("李", "王"), units=3, measures=measures, prevalence={"李": undefined}
    )
    table = replace(agreement(STUDY, passages=TEN), rows=(row,))
    line = table.to_markdown("en").splitlines()[4]
    assert line == "| Overall (the same set of codes) | 3 | 0.50 [0.25, 1.00] | – | – | 0.50 | 李 – |  |"


def test_a_name_with_a_bar_or_a_line_break_stays_in_its_cell():
    book = replace(BOOK, codes=(replace(BOOK.codes[0], name=Bilingual(zh="父|母", en="Parents\naway")),))
    table = agreement(STUDY, passages=TEN)
    assert "| 父\\|母 | 10 |" in table.to_markdown("zh", book)
    assert "| Parents away | 10 |" in table.to_markdown("en", book)


def test_a_table_of_several_comparisons_says_who_is_compared_in_each_row():
    table = agreement_by_kind([*STUDY, *on("machine", "父母", 0, 1)], passages=TEN)
    lines = table.to_markdown("en").splitlines()
    assert lines[2].startswith("| Comparison | Coders | Code | Units | Percent agreement |")
    assert lines[4].startswith("| Human-human | 李 × 王 | Overall (the same set of codes) | 10 |")
    assert lines[-1 - len(table.notices) - 5].startswith("| Human-machine | 王 × machine | 学习 | 10 |")


def test_the_word_document_lies_crosswise_with_title_small_table_and_notes(tmp_path):
    table = agreement(STUDY, passages=TEN)
    table.write_docx(tmp_path / "a.docx", "en", BOOK)
    document = docx.Document(str(tmp_path / "a.docx"))
    page = document.sections[0]
    assert page.orientation == WD_ORIENT.LANDSCAPE
    assert page.page_width > page.page_height
    said = [(p.style.name, p.text) for p in document.paragraphs]
    assert said == [
        ("Heading 1", "Agreement between coders"),
        ("Heading 2", "Notes"),
        ("List Bullet", "Unit: passages. Participants: 1."),
        *(("List Bullet", notice.text.en) for notice in table.notices),
    ]
    (grid,) = document.tables
    assert grid.style.name == "Table Grid"
    assert [cell.text for cell in grid.rows[4].cells][:4] == ["Parents away", "10", "0.80", "0.58"]
    assert {run.font.size.pt for row in grid.rows for cell in row.cells for run in cell.paragraphs[0].runs} == {8}
