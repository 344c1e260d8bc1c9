"""What comes back into a study, and what is not written over."""

import csv

import docx
import pytest
from study_samples import decision, made

from lbc_themes import exchange
from lbc_themes.core.errors import InputError
from lbc_themes.study.import_export import Export, Import, export, import_into


def taken(study, path, coder="周"):
    return import_into(study, Import(file=path, coder=coder, language="zh"))


def written(study, kind, out, **more):
    asked = {"kind": kind, "out": out, "coders": (), "language": "zh", "blind": False, "force": False, **more}
    return export(study.contents(), Export(**asked))


@pytest.mark.parametrize(("name", "delimiter"), [("t.csv", ","), ("t.tsv", "\t")])
def test_a_table_of_codes_and_words_is_taken_in_and_what_was_not_found_is_counted(study, tmp_path, name, delimiter):
    with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=delimiter)
        rows.writerow(["document", "code", "segment"])
        rows.writerow(["K01", "想念", "有时候想我妈"])
        rows.writerows([["K01", "想念", "没有说过的话一二三"], ["K01", "想念", "也没有说过的话四五六"]])
    found = taken(study, tmp_path / name)
    assert (found.codings, found.decisions, found.memos) == (1, 0, 0)
    assert [(loss.topic, loss.count) for loss in found.losses] == [("segment-missing", 2)]
    (coding,) = study.codings(coder="周", machine_top=0)
    assert study.transcripts[0].text[coding.start : coding.end] == "有时候想我妈"
    assert taken(study, tmp_path / name).codings == 0


def test_spans_of_webanno_are_told_from_other_tables_by_their_first_line(study, tmp_path):
    study.record(decision(study, 0, "accepted", "longing"))
    exchange.write_webanno_tsv(study.contents(), tmp_path / "out")
    path = next(path for path in sorted((tmp_path / "out").glob("*.tsv")) if "K01" in path.name)
    assert taken(study, path).codings == 0
    (tmp_path / "other").mkdir()
    with made(tmp_path / "other") as other:
        assert taken(other, path).codings == 1
        assert [c.code_id for c in other.codings(machine_top=0)] == ["longing"]


def test_member_sheets_of_a_folder_are_read_but_not_what_word_leaves_while_it_is_open(study, tmp_path):
    study.record(decision(study, 0, "accepted", "longing"))
    (sheet,) = exchange.write_member_sheets(study.contents(), tmp_path / "m")
    page = docx.Document(str(sheet))
    page.tables[0].rows[1].cells[2].text = "√"
    page.save(str(sheet))
    (tmp_path / "m" / "~$K01.docx").write_bytes(b"owner")
    assert taken(study, tmp_path / "m").memos == 1
    assert taken(study, tmp_path / "m").memos == 0
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        taken(study, tmp_path / "empty")


def test_that_no_code_applies_is_not_decided_again_whether_or_not_something_was_suggested(study, tmp_path):
    for number, verdict in ((0, "rejected"), (1, "changed")):
        study.record(decision(study, number, verdict, coder="周", no_code=True))
    exchange.write_sheet(study.contents(), tmp_path / "s.xlsx", coder="周")
    assert taken(study, tmp_path / "s.xlsx").decisions == 0
    study.record(decision(study, 2, "changed", "school", coder="周"))
    assert taken(study, tmp_path / "s.xlsx").decisions == 0, "an empty row takes nothing back"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "out"),
    [("members", "m"), ("cas", "c"), ("xlsx", "s.xlsx"), ("label-studio", "l.json"), ("maxqda", "m.txt")],
)
def test_what_is_there_is_written_over_only_by_force(study, tmp_path, kind, out):
    study.record(decision(study, 0, "accepted", "longing"))
    written(study, kind, tmp_path / out)
    with pytest.raises(InputError, match=str(tmp_path)):
        written(study, kind, tmp_path / out)
    written(study, kind, tmp_path / out, force=True)


def test_a_configuration_beside_the_tasks_is_not_written_over_either(study, tmp_path):
    (tmp_path / "l.xml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"l\.xml"):
        written(study, "label-studio", tmp_path / "l.json")
    assert (tmp_path / "l.xml").read_text(encoding="utf-8") == "mine"
