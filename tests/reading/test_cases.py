"""Every form in benchmarks/reading_cases.yaml is read right; what is doubtful is said, and nothing else is."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.reading_forms import Case, cases, is_right, outcome_of, variations
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Severity
from lbc_themes.reading import FORMS, explain, read_transcripts
from lbc_themes.reading.audit import KINDS

ROOT = Path(__file__).parents[2]
CASES = cases()
READ = [case for case in CASES if "refused" not in case.made]


@pytest.mark.slow
@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_every_turn_is_right(case: Case, tmp_path: Path) -> None:
    [got] = read_transcripts(case.write(tmp_path))
    assert is_right(got, case.turns), [(t.speaker, t.role.value, t.time, got.said(t), t.question) for t in got.turns]


@pytest.mark.slow
@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_the_audit_says_what_is_doubtful_and_nothing_else(case: Case, tmp_path: Path) -> None:
    [got] = read_transcripts(case.write(tmp_path))
    wanted = set(case.made.get("findings", ()))
    kinds = {finding.kind for finding in got.findings}
    assert wanted <= kinds
    stray = {f.kind for f in got.findings if f.severity is not Severity.NOTE} - wanted
    # Consequences of what the case is about: without names or values roles cannot be told.
    assert stray <= {"nobody-named", "no-interviewer", "no-participant", "question-holds-answer", "answers-unlabelled"}
    assert wanted or not stray


@pytest.mark.slow
@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_every_stretch_of_the_file_is_explained(case: Case, tmp_path: Path) -> None:
    parts = explain(case.write(tmp_path))
    assert [part for part in parts if part[0] == "unexplained" and len(part[2]) > 11] == []
    assert "speech" in {kind for kind, _, _ in parts}


@pytest.mark.parametrize("case", [case for case in CASES if "refused" in case.made], ids=lambda case: case.name)
def test_what_is_not_read_is_refused_with_the_way_out(case: Case, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=case.made["refused"]):
        read_transcripts(case.write(tmp_path))


@pytest.mark.slow
def test_labels_of_all_kinds_are_read_in_all_shapes() -> None:
    wrong = [case.name for case in variations() if outcome_of(case) != "right"]
    assert len(wrong) <= 1, wrong
    assert "silent" not in {outcome_of(case) for case in variations() if case.name in wrong}


@pytest.mark.slow
def test_every_form_has_a_case(tmp_path: Path) -> None:
    read = {read_transcripts(case.write(tmp_path))[0].form for case in READ}
    assert set(FORMS) - read <= {"spoken-tags", "plain", "answer-table"}  # tested in files of their own


def test_every_kind_of_finding_has_words_in_both_languages() -> None:
    from lbc_themes.core.messages import word_table

    for table in ("reading.findings", "reading.advice"):
        assert set(word_table(table)) == set(KINDS)


@pytest.mark.slow
def test_the_pages_on_forms_are_those_that_the_cases_make() -> None:
    done = subprocess.run([sys.executable, "scripts/forms_page.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0
