"""An agreement table as data frame, Markdown, Word and CSV."""

import csv

import docx
import pytest
from agreement_samples import STUDY, TEN, on

from lbc_themes.agreement import (
    MEASURES,
    agreement,
    krippendorff_bar,
    landis_koch,
)
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook


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
