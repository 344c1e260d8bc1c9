"""The worked notebook runs from top to bottom, and a passage is shown with its codes."""

import json
import re
import shutil
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from study_samples import book, made

from lbc_themes.core.records import Coding, Passage, Role
from lbc_themes.notebook import show
from lbc_themes.study import Study

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
NOTEBOOK = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_runs_from_a_folder_to_a_table_of_agreement(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "corpora", tmp_path / "corpora")
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held = {}
    for number, source in enumerate(CELLS):
        exec(compile(source, f"cell {number}", "exec"), held)
    table = held["table"]
    assert table.coders == ("hand", "simulated")
    with Study.open(held["work"] / "zhuzhai.lbc") as study:
        assert table.overall.units == len(study.passages)
    assert 0.6 < table.overall.kappa.value < 0.95
    assert table.overall.kappa.low < table.overall.kappa.value < table.overall.kappa.high
    assert (held["work"] / "agreement.docx").stat().st_size > 5000
    assert list((tmp_path / "docs").iterdir()) == []


def test_the_notebook_says_that_the_second_coder_is_simulated_in_both_languages():
    [first, *_] = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "markdown"]
    assert "the second coder is simulated" in first
    assert "第二位编码者是模拟的" in first


def test_what_the_notebook_keeps_is_free_of_this_machine():
    kept = json.dumps([cell.get("outputs", []) for cell in NOTEBOOK["cells"]], ensure_ascii=False)
    assert len(kept) > 2000
    assert re.findall(r"(?<![\w./<])/(?:home|root|tmp|work|Users)/", kept) == []


class Marked(HTMLParser):
    """Reads what is marked, with the title of each mark."""

    def __init__(self):
        super().__init__()
        self.marks, self.said, self.inside = [], "", None

    def handle_starttag(self, tag, attrs):
        if tag == "mark":
            self.inside = dict(attrs)["title"]
        assert tag != "script"

    def handle_endtag(self, tag):
        self.inside = None if tag == "mark" else self.inside

    def handle_data(self, data):
        self.said += data
        if self.inside:
            self.marks.append((self.inside, data))


def read(shown):
    parser = Marked()
    parser.feed(shown._repr_html_())
    return parser


def coding(start, end, code_id="longing", coder="李"):
    return Coding(transcript_id="K01", start=start, end=end, code_id=code_id, coder=coder)


def passage(text="我想我妈。也想爸。", *spans, **more):
    return Passage(
        id="K01:0001", transcript_id="K01", spans=spans or ((10, 10 + len(text)),), text=text, speaker="小麦",
        role=Role.CHILD, **more,
    )  # fmt: skip


def test_coded_words_carry_their_codes_and_overlaps_carry_both():
    shown = show(passage(), [coding(10, 15), coding(13, 19, "school", "王"), coding(0, 9)], book())
    assert read(shown).marks == [("想念", "我想我"), ("想念 · 学校", "妈。"), ("学校", "也想爸。")]
    assert "#AA330055" in shown._repr_html_()
    assert repr(shown) == "K01:0001 · 小麦\n我想我妈。也想爸。\n  想念：李\n  学校：王"


def test_a_passage_in_two_slices_has_no_place_for_what_stands_between():
    two = passage("我想我妈也想爸", (10, 14), (20, 23))
    assert read(show(two, [coding(12, 22)], book())).marks == [("想念", "我妈也想")]
    assert read(show(two, [coding(14, 20)], book())).marks == []


def test_text_is_escaped_and_unknown_codes_and_colours_are_borne():
    hostile = passage("<script>alert(1)</script>", question="<b>啥？")
    shown = show(hostile, [coding(10, 18, '"><i>')], book(), language="en")
    assert read(shown).marks == [('"><i>', "<script>")]
    assert "<b>啥？" in read(shown).said
    assert "#88888855" in shown._repr_html_()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_codings_of_a_whole_study_are_narrowed_to_the_passage(tmp_path, language):
    with made(tmp_path) as study:
        for each in study.passages:
            study.record_coding(
                Coding(transcript_id=each.transcript_id, start=each.start, end=each.end, code_id="school", coder="李")
            )
        shown = show(study.passages[0], study.codings(), study.codebook, language=language)
        assert [words for _, words in read(shown).marks] == [study.passages[0].text]
