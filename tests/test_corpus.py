import csv
import hashlib
import re
from pathlib import Path

import pytest

from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Role
from lbc_themes.reading import read_transcripts

CORPUS = Path(__file__).parents[1] / "corpora" / "zhuzhai-demo"
TRANSCRIPTS = {transcript.id: transcript for transcript in read_transcripts(CORPUS / "interviews")}
FILES = sorted(path.name for path in (CORPUS / "interviews").iterdir())


def rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


CODINGS = rows("codings.csv")
PEOPLE = rows("participants.csv")
CARD = (CORPUS / "README.md").read_text(encoding="utf-8")


def chinese_characters(transcript_id: str) -> int:
    transcript = TRANSCRIPTS[transcript_id]
    return sum(len(re.findall("[一-龥]", transcript.said(turn))) for turn in transcript.turns)


def test_every_file_is_read_as_an_interview_of_one_interviewer_and_one_participant():
    assert [Path(t.source).name for t in TRANSCRIPTS.values()] == FILES
    for transcript in TRANSCRIPTS.values():
        roles = {(turn.speaker, turn.role) for turn in transcript.turns}
        own = Role.CHILD if transcript.id.startswith("C") else Role.TEACHER
        assert sorted(role for _, role in roles) == sorted([Role.INTERVIEWER, own]), transcript.id


@pytest.mark.slow
def test_the_whole_folder_reads_as_the_same_interviews():
    assert [transcript.id for transcript in read_transcripts(CORPUS)] == list(TRANSCRIPTS)


def test_every_coding_is_a_slice_that_equals_its_quote():
    wrong = [
        row
        for row in CODINGS
        if TRANSCRIPTS[row["transcript"]].text[int(row["start"]) : int(row["end"])] != row["quote"]
    ]
    assert wrong == []


def test_every_quote_lies_in_one_turn_of_the_participant():
    for row in CODINGS:
        turns = TRANSCRIPTS[row["transcript"]].turns
        inside = [turn for turn in turns if turn.start <= int(row["start"]) and int(row["end"]) <= turn.end]
        assert [turn.role == Role.INTERVIEWER for turn in inside] == [False], row


def test_codes_are_in_the_codebook_and_no_quote_has_one_twice_or_more_than_three():
    book = load_codebook("left-behind-children")
    assert {row["code"] for row in CODINGS} <= set(book.ids)
    placed = [(row["transcript"], row["start"], row["end"], row["code"]) for row in CODINGS]
    assert len(set(placed)) == len(placed)
    places = [place[:3] for place in placed]
    assert max(places.count(place) for place in set(places)) <= 3


def test_every_interview_is_coded_and_about_half_of_it_is_not():
    for transcript in TRANSCRIPTS.values():
        spans = {(int(r["start"]), int(r["end"])) for r in CODINGS if r["transcript"] == transcript.id}
        said = sum(turn.end - turn.start for turn in transcript.turns if turn.role != Role.INTERVIEWER)
        assert 0.35 < sum(end - start for start, end in spans) / said < 0.55, transcript.id


def test_the_table_of_participants_covers_all_files():
    assert [row["file"] for row in PEOPLE] == FILES
    assert [row["participant"] for row in PEOPLE] == list(TRANSCRIPTS)


def test_there_are_ten_children_of_ten_to_sixteen_and_nine_teachers():
    children = [row for row in PEOPLE if row["role"] == "child"]
    teachers = [row for row in PEOPLE if row["role"] == "teacher"]
    assert (len(children), len(teachers), len(PEOPLE)) == (10, 9, 19)
    assert {int(row["age"]) for row in children} <= set(range(10, 17))
    assert all(row["carer"] and not row["years_teaching"] for row in children)
    assert all(row["years_teaching"] and not row["carer"] for row in teachers)


@pytest.mark.parametrize("transcript_id", TRANSCRIPTS)
def test_an_interview_has_900_to_1500_chinese_characters(transcript_id):
    assert 900 <= chinese_characters(transcript_id) <= 1500


def test_checksums_are_current_and_cover_every_file():
    lines = (CORPUS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: checksum for checksum, name in (line.split("  ") for line in lines)}
    data = [CORPUS / "codings.csv", CORPUS / "participants.csv", *(CORPUS / "interviews").iterdir()]
    assert listed == {
        path.relative_to(CORPUS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in data
    }


def test_the_card_lists_every_interview_with_its_length():
    stated = {
        name: int(length) for name, length in re.findall(r"^\| ([CT]\d\d\.\w+) \|.*\| (\d+) \|$", CARD, re.MULTILINE)
    }
    assert stated == {Path(t.source).name: chinese_characters(t.id) for t in TRANSCRIPTS.values()}


def test_the_card_counts_the_codings():
    quotes = {(row["transcript"], row["start"], row["end"]) for row in CODINGS}
    codes = {row["code"] for row in CODINGS}
    stated = f"has {len(CODINGS)} codings on {len(quotes)} quotations, with {len(codes)} of the 51 codes"
    assert stated in " ".join(CARD.split())


def test_the_card_names_the_codes_that_are_never_used():
    unused = set(load_codebook("left-behind-children").ids) - {row["code"] for row in CODINGS}
    line = next(line for line in CARD.splitlines() if "Codes never used" in line)
    assert set(re.findall(r"`([a-z._]+)`", line)) == unused


def test_the_card_says_that_it_is_invented():
    assert "**These interviews are invented." in CARD
    assert "这批访谈是虚构的" in CARD
