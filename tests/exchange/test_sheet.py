"""Tables of suggestions that a coder fills in: only what the person filled in is a decision, however it was saved."""

import csv
import io

import openpyxl
import pytest
from study_samples import book, decision, ranked, suggested, suggested_study

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Suggestion, Verdict
from lbc_themes.exchange import read_decisions, read_sheet, read_sheet_memos, read_sheet_runs, write_sheet
from lbc_themes.study import Study
from lbc_themes.study.import_export import Import, import_into

HEAD = (
    "passage", "transcript", "participant", "speaker", "role", "start", "end", "question", "text",
    "code_1", "name_1_zh", "name_1_en", "probability_1", "why_1", "code_2", "name_2_zh", "name_2_en", "probability_2",
    "why_2", "no_suggestion", "distress", "distress_unclear", "decision", "decided_codes", "memo",
)  # fmt: skip


@pytest.fixture
def study(tmp_path):
    with suggested_study(tmp_path) as made:
        yield made


def run_table(study):
    """The rows of a run's suggestions.csv for the sample study, as dictionaries."""
    shown = {each.passage_id: each for each in suggested(study)}
    rows = []
    for passage in study.passages:
        row = dict.fromkeys(HEAD, "") | {
            "passage": passage.id, "transcript": passage.transcript_id, "text": passage.text,
            "participant": passage.transcript_id, "question": passage.question,
        }  # fmt: skip
        for number, code in enumerate(shown[passage.id].codes if passage.id in shown else (), 1):
            row |= {f"code_{number}": code.code_id, f"probability_{number}": f"{code.probability}"}
            row |= {f"name_{number}_zh": study.codebook[code.code_id].name.zh, f"why_{number}": "提到"}
        rows.append(row)
    return rows


def save(rows, path, head=HEAD, encoding="utf-8-sig", delimiter=","):
    """Write rows as Excel or WPS do: .csv with Windows line ends, or .xlsx with empty cells left out."""
    if path.suffix == ".xlsx":
        workbook = openpyxl.Workbook()
        workbook.worksheets[0].append(list(head))
        for row in rows:
            workbook.worksheets[0].append([row.get(key) or None for key in head])
        workbook.save(path)
        return path
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=delimiter)
    table.writerows([head, *([row.get(key, "") for key in head] for row in rows)])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


FORMS = [
    ("t.csv", {}), ("t.csv", {"encoding": "gb18030"}), ("t.csv", {"encoding": "utf-16", "delimiter": "\t"}),
    ("t.csv", {"delimiter": ";"}), ("t.xlsx", {}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "how"), FORMS)
def test_an_untouched_table_of_a_run_decides_nothing(study, tmp_path, name, how):
    file = save(run_table(study), tmp_path / name, **how)
    assert read_sheet(file, study.contents(), coder="李") == []
    assert read_decisions(file, study.codebook) == []
    assert import_into(study, Import(file=file, coder="李", language="zh")).decisions == 0
    assert study.codings(machine_top=0) == []


def test_an_untouched_sheet_of_a_study_decides_nothing(study, tmp_path):
    write_sheet(study.contents(), tmp_path / "s.xlsx")
    assert read_sheet(tmp_path / "s.xlsx", study.contents(), coder="李") == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "how"), FORMS)
@pytest.mark.parametrize(
    ("filled", "verdict", "codes"),
    [({"decision": "accepted"}, "accepted", ("longing",)),
     ({"decision": "接受"}, "accepted", ("longing",)),
     ({"decision": "accepted", "decided_codes": "nan"}, "accepted", ("longing",)),
     ({"decision": "accepted", "decided_codes": "school"}, "accepted", ("school",)),
     ({"decision": "changed", "decided_codes": "homework"}, "changed", ("homework",)),
     ({"decision": "changed", "decided_codes": "school"}, "changed", ("school",)),
     ({"decided_codes": "longing；school，homework、help.positive"}, "changed",
      ("longing", "school", "homework", "help.positive")),
     ({"decided_codes": "ｌｏｎｇｉｎｇ"}, "accepted", ("longing",)),
     ({"decided_codes": "想念 [longing]"}, "accepted", ("longing",)),
     ({"decision": "accepted", "decided_codes": "longing; homework"}, "changed", ("longing", "homework")),
     ({"decision": " Rejected。"}, "rejected", ()), ({"decision": "rejected", "decided_codes": "无"}, "rejected", ())],
)  # fmt: skip
def test_a_row_of_a_run_holds_only_what_the_person_filled_in(study, tmp_path, name, how, filled, verdict, codes):
    rows = run_table(study)
    rows[0] |= filled
    file = save(rows, tmp_path / name, **how)
    (decided,) = read_sheet(file, study.contents(), coder="李")
    assert (decided.passage_id, decided.verdict, decided.code_ids) == (study.passages[0].id, Verdict(verdict), codes)
    (row,) = read_decisions(file, study.codebook)
    assert (row.verdict, row.code_ids, row.text) == (Verdict(verdict), codes, study.passages[0].text)


def test_a_half_filled_table_counts_its_filled_rows_and_a_second_import_adds_nothing(study, tmp_path):
    rows = run_table(study)
    rows[0] |= {"decision": "accepted", "memo": "清楚"}
    rows[2]["memo"] = "再想想"
    file = save(rows, tmp_path / "t.xlsx")
    for expected in ((1, 1), (0, 0)):
        taken = import_into(study, Import(file=file, coder="李", language="zh"))
        assert (taken.decisions, taken.memos) == expected
    assert [(d.code_ids, d.memo) for d in study.decisions()] == [(("longing",), "清楚")]
    assert [(m.text, m.about, m.about_id) for m in study.memos()] == [("再想想", "passage", study.passages[2].id)]


def test_rows_and_columns_may_be_moved_and_left_out(study, tmp_path):
    rows = run_table(study)
    rows[1] |= {"decision": "changed", "decided_codes": "school"}
    head = ("memo", "decided_codes", "text", "decision", "code_1", "passage")
    file = save([rows[2], rows[1]], tmp_path / "t.csv", head=head)
    assert [(d.passage_id, d.code_ids) for d in read_sheet(file, study.contents(), coder="李")] == [
        (study.passages[1].id, ("school",))
    ]


def test_a_filtered_sheet_with_hidden_rows_is_read_whole(study, tmp_path):
    write_sheet(study.contents(), tmp_path / "s.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "s.xlsx")
    sheet = workbook.worksheets[0]
    sheet["J2"], sheet["J3"] = "接受", "接受"
    sheet.auto_filter.ref = "A1:O4"
    sheet.row_dimensions[3].hidden = True
    workbook.save(tmp_path / "s.xlsx")
    assert [d.code_ids for d in read_sheet(tmp_path / "s.xlsx", study.contents(), coder="李")] == [
        ("longing",), ("homework",),
    ]  # fmt: skip


def test_a_table_sorted_in_part_is_refused(study, tmp_path):
    rows = run_table(study)
    rows[0]["text"], rows[1]["text"] = rows[1]["text"], rows[0]["text"]
    rows[0]["decision"] = "accepted"
    with pytest.raises(InputError, match=r"its words are those of .*sorted"):
        read_sheet(save(rows, tmp_path / "t.csv"), study.contents(), coder="李")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "cells", "codes"),
    [(("passage", "codes"), ("K01:0001", "longing"), ("longing",)),
     (("段落编号", "编码"), ("Ｋ01：0001", "想念"), ("longing",)),
     (("段落", "决定", "最终编码"), ("K01:0001", "改为", "作业，学校"), ("homework", "school")),
     (("passage_id", "code 1", "code 2"), ("K01:0001", "longing", "school"), ("longing", "school"))],
)  # fmt: skip
def test_a_table_typed_by_hand_is_read(study, tmp_path, head, cells, codes):
    assert study.passages[0].id == "K01:0001"
    file = save([dict(zip(head, cells, strict=True))], tmp_path / "t.xlsx", head=head)
    assert [d.code_ids for d in read_sheet(file, study.contents(), coder="李")] == [codes]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "cells", "message"),
    [(("passage", "decision"), ("K01:0001", "accept"), "no column of suggestions"),
     (("passage", "code_1", "decision"), ("K01:0001", "longing", ""), "may hold the machine's suggestions or"),
     (("passage", "decision", "codes"), ("", "changed", "school"), "names no passage"),
     (("passage", "决定", "decision"), ("K01:0001", "改为", "x"), "two columns are headed decision"),
     (("passage", "decision", "codes"), ("K01:0001", "changed", "nan"), "no code is given"),
     (("passage", "decision", "codes"), ("K01:0001", "rejected", "school"), "yet it gives school")],
)  # fmt: skip
def test_a_table_typed_by_hand_is_refused_where_it_can_be_read_two_ways(study, tmp_path, head, cells, message):
    file = save([dict(zip(head, cells, strict=True))], tmp_path / "t.csv", head=head)
    with pytest.raises(InputError, match=message):
        read_sheet(file, study.contents(), coder="李")


def test_accepting_where_the_machine_suggested_nothing_is_refused_with_the_row(study, tmp_path):
    rows = run_table(study)
    rows[-1]["decision"] = "accepted"
    with pytest.raises(InputError, match=r"row 4: .*nothing was suggested"):
        read_sheet(save(rows, tmp_path / "t.csv"), study.contents(), coder="李")


def test_the_first_suggestion_is_the_one_the_row_shows_not_that_of_a_later_run(study, tmp_path):
    rows = run_table(study)
    rows[0]["decision"] = "accepted"
    file = save(rows, tmp_path / "t.csv")
    later = suggested(study)[1]
    first = suggested(study)[0]
    study.add_suggestions([type(first)(passage_id=first.passage_id, codes=later.codes)], run="b")
    assert [(d.code_ids, run) for d, run in read_sheet_runs(file, study.contents(), coder="李")] == [
        (("longing",), "a")
    ]


def test_the_reasons_in_a_sheet_are_those_of_the_suggestions_that_it_shows(study, tmp_path):
    """A code that was suggested and then retired is not shown, nor its reason under another's number."""
    study.add_suggestions(
        [Suggestion(passage_id=study.passages[0].id, codes=tuple(
            ranked(code_id, 0.9 - n / 10, why_zh=f"因为{code_id}", why_en=f"for {code_id}")
            for n, code_id in enumerate(("help.negative", "longing", "school", "homework", "feeling"))
        ))], run="later",
    )  # fmt: skip
    study.codebook.retire("help.negative", by="李")
    write_sheet(study.contents(), tmp_path / "s.xlsx", language="en")
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[2]][5:9] == [
        "longing [longing] 0.80", "school [school] 0.70", "homework [homework] 0.60",
        "1. for longing\n2. for school\n3. for homework",
    ]  # fmt: skip


def test_the_sheet_has_heads_widths_lists_and_a_row_for_each_passage(study, tmp_path):
    study.record(decision(study, 1, "changed", "longing", "school", "homework", "feeling", memo="想了想"))
    write_sheet(study.contents(), tmp_path / "s.xlsx", coder="李", language="en")
    workbook = openpyxl.load_workbook(tmp_path / "s.xlsx")
    sheet, codes = workbook.worksheets
    assert (sheet.title, codes.title, sheet.freeze_panes) == ("suggestions", "codes", "B2")
    assert [cell.value for cell in sheet[1]] == [
        "passage", "participant", "role", "question", "text", "suggestion 1", "suggestion 2", "suggestion 3", "why",
        "decision", "code 1", "code 2", "code 3", "memo", "coder",
    ]  # fmt: skip
    assert all(cell.font.bold for cell in sheet[1])
    assert [cell.fill.fgColor.rgb == "00FFF2CC" for cell in sheet[1]] == [False] * 9 + [True] * 6
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEFGHIJKLMNO"]
    assert widths == [13, 12, 12, 28, 60, 22, 22, 22, 36, 10, 22, 22, 22, 28, 22]
    assert all(cell.alignment.wrap_text and cell.alignment.vertical == "top" for cell in sheet[4])
    first, second = study.passages[:2]
    row = [cell.value for cell in sheet[3]]
    assert row[:5] == [second.id, "K01", "child", second.question, second.text]
    assert row[9:] == [
        "change",
        "longing [longing]",
        "school [school]",
        "homework [homework]；feelings [feeling]",
        "想了想",
        "李",
    ]
    assert [cell.value for cell in sheet[2]][9:] == [None] * 6
    assert [cell.value for cell in codes[2]] == ["longing [longing]", "longing", "Talk of longing."]
    assert first.text == sheet["E2"].value
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert set(rules) == {"J2:J4", "K2:K4", "L2:L4", "M2:M4"}
    assert rules["J2:J4"].formula1 == '"accept,change,reject,no code applies"'
    assert [rules[place].showErrorMessage for place in sorted(rules)] == [True, False, False, False]
    assert all(rule.allow_blank for rule in rules.values())


def test_one_passage_decided_twice_is_refused_unless_the_rows_agree(study, tmp_path):
    rows = run_table(study)
    rows[0] |= {"decision": "accepted"}
    file = save([rows[0], rows[0]], tmp_path / "t.csv")
    assert len(read_sheet(file, study.contents(), coder="李")) == 1
    file = save([rows[0], rows[0] | {"decision": "rejected"}], tmp_path / "t.csv")
    with pytest.raises(InputError, match="row 3: K01:0001 is decided differently in row 2"):
        read_sheet(file, study.contents(), coder="李")


def test_formulas_never_computed_and_merged_cells_are_refused(study, tmp_path):
    rows = run_table(study)
    file = save(rows, tmp_path / "t.xlsx")
    for cells, message in (
        ({"W2": "accepted", "X2": "=J2"}, "row 2: .*a formula that was never computed"),
        ({"W2": "rejected"}, "row 2: .*merged over the rows 2 to 3"),
    ):
        workbook = openpyxl.load_workbook(file)
        for place, value in cells.items():
            workbook.worksheets[0][place] = value
        if "merged" in message:
            workbook.worksheets[0].merge_cells("W2:W3")
        workbook.save(tmp_path / "u.xlsx")
        with pytest.raises(InputError, match=message):
            read_sheet(tmp_path / "u.xlsx", study.contents(), coder="李")


def test_a_name_that_two_codes_have_is_refused_with_their_ids(tmp_path):
    codebook = book()
    twice = type(codebook)(
        id="t", version="1", name=codebook.name,
        codes=tuple(type(c)(**{f: getattr(c, f) for f in c.__slots__} | {"name": codebook["school"].name})
                    if c.id == "homework" else c for c in codebook),
    )  # fmt: skip
    file = save([{"passage": "K01:0001", "codes": "学校"}], tmp_path / "t.csv", head=("passage", "codes"))
    with pytest.raises(InputError, match=r"the name of 2 codes \(homework, school\); give the id"):
        read_decisions(file, twice)


def test_an_old_xls_and_an_open_quote_are_refused(study, tmp_path):
    (tmp_path / "t.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)
    with pytest.raises(InputError, match=r"old \.xls or a file with a password"):
        read_sheet(tmp_path / "t.xls", study.contents())
    (tmp_path / "t.csv").write_text('passage,decision\nK01:0001,"accepted\nK01:0002,\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2: a quote is opened and never closed"):
        read_sheet(tmp_path / "t.csv", study.contents())


def test_what_was_decided_already_stands_in_the_sheet_and_comes_back_as_it_was(study, tmp_path):
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 1, "changed", "help.positive", "school", "feeling", "longing"))
    write_sheet(study.contents(), tmp_path / "s.xlsx", coder="李")
    assert import_into(study, Import(file=tmp_path / "s.xlsx", coder="李", language="zh")).decisions == 0


@pytest.mark.slow
@pytest.mark.parametrize("word", ["没有合适的编码", "No code applies"])
def test_no_code_applies_is_more_than_turning_down_and_goes_there_and_back(study, tmp_path, word):
    rows = run_table(study)
    rows[0]["decision"], rows[1]["decision"] = word, "rejected"
    file = save(rows, tmp_path / "t.csv")
    assert [(d.code_ids, d.no_code) for d in read_sheet(file, study.contents(), coder="李")] == [
        ((), True),
        ((), False),
    ]
    assert import_into(study, Import(file=file, coder="李", language="zh")).decisions == 2
    write_sheet(study.contents(), tmp_path / "s.xlsx", coder="李")
    assert import_into(study, Import(file=tmp_path / "s.xlsx", coder="李", language="zh")).decisions == 0


def test_memos_without_a_writer_are_refused(study, tmp_path):
    rows = run_table(study)
    rows[1]["memo"] = "？"
    file = save(rows, tmp_path / "t.csv")
    with pytest.raises(InputError, match="who wrote the memo"):
        read_sheet_memos(file, study.contents())
    assert [m.text for m in read_sheet_memos(file, study.contents(), coder="李")] == ["？"]
    assert isinstance(study, Study)
