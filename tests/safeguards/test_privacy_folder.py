import csv

import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.reading import read_transcripts
from lbc_themes.safeguards.privacy import deidentify_folder, read_key, reidentify


def _captions():
    said = ["访谈者：谁来过", "王小雨：张老师来过", "访谈者：嗯", "王小雨：还有老张"]
    return [f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{speech}" for n, speech in enumerate(said, 1)]


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "王小雨.txt").write_text(
        "访谈者：你住哪\n王小雨：我家在柳塘村，电话13812345678\n访谈者：还有呢\n王小雨：没了\n", encoding="utf-8"
    )
    (folder / "b.srt").write_text("\n\n".join(_captions()) + "\n", encoding="utf-8")
    return folder


def test_nothing_real_is_left_in_the_folder_and_the_key_leads_back(study, tmp_path):
    out, key = tmp_path / "out", tmp_path / "key.json"
    written = deidentify_folder(study, out, key, method="patterns")
    assert {file.name for file in out.iterdir()} == {file.name for file in written.files}
    everything = "".join(file.name + file.read_text(encoding="utf-8") for file in out.iterdir())
    assert not [real for real in ("王小雨", "柳塘", "13812345678", "张老师", str(study)) if real in everything]
    real = {entry.real for entry in read_key(key).entries}
    assert {"王小雨", "柳塘村", "张老师"} <= real


def test_the_written_files_are_read_again_with_the_same_turns_and_speakers(study, tmp_path):
    out = tmp_path / "out"
    written = deidentify_folder(study, out, tmp_path / "key.json", method="patterns")
    name = next(entry.pseudonym for entry in written.key.entries if entry.real == "王小雨")
    speakers = sorted([turn.speaker for turn in transcript.turns] for transcript in read_transcripts(out))
    assert speakers == [["访谈者", name] * 2] * 2


def test_a_second_visit_carries_the_key_on(study, tmp_path):
    key = tmp_path / "key.json"
    first = deidentify_folder(study, tmp_path / "one", key, method="patterns")
    (study / "c.txt").write_text("问：好\n刘佳：王小雨没来\n", encoding="utf-8")
    second = deidentify_folder(study, tmp_path / "two", key, method="patterns")
    name = next(entry.pseudonym for entry in first.key.entries if entry.real == "王小雨")
    texts = [file.read_text(encoding="utf-8") for file in second.files if file.suffix == ".txt"]
    assert any(f"{name}没来" in text for text in texts)


def test_participants_are_written_under_pseudonyms(study, tmp_path):
    (study / "participants.csv").write_text(
        "participant,file,role,name\nC01,王小雨.txt,child,王小雨\n", encoding="utf-8"
    )
    out = tmp_path / "out"
    deidentify_folder(study, out, tmp_path / "key.json", method="patterns")
    with (out / "participants.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "child" in {row["role"] for row in rows}
    assert "王小雨" not in str(rows)
    assert all((out / row["file"]).is_file() for row in rows)


def test_a_folder_that_holds_something_is_refused(study, tmp_path):
    with pytest.raises(InputError, match="is not an empty folder"):
        deidentify_folder(study, study, tmp_path / "key.json", method="patterns")


def test_a_key_inside_the_output_is_refused_before_anything_is_written(study, tmp_path):
    with pytest.raises(InputError, match="the key must not lie in"):
        deidentify_folder(study, tmp_path / "out", tmp_path / "out" / "key.json", method="patterns")
    assert not (tmp_path / "out").exists()


def test_what_the_folder_function_hides_reidentify_restores(study):
    from lbc_themes.safeguards.privacy import deidentify

    before = read_transcripts(study)
    new, key = deidentify(before, method="patterns")
    assert reidentify(new, key) == before
