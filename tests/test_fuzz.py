"""The fuzzer's target and first inputs hold by themselves, without the fuzzer."""

from pathlib import Path

import pytest

from fuzz import target
from fuzz.seeds import write_seeds, write_words

pytestmark = pytest.mark.slow


def test_the_first_inputs_are_read_in_every_wrapping_without_a_finding(tmp_path: Path) -> None:
    write_seeds(tmp_path)
    inputs = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert {target.ENDINGS[data[0]] for data in inputs} >= {
        ".txt",
        ".csv",
        ".srt",
        ".vtt",
        ".eaf",
        "document",
        "sheet",
        "pages",
    }
    for data in {data[0]: data for data in inputs}.values():  # one of each
        target.one_input(data)
    write_seeds(tmp_path)
    assert len(list(tmp_path.iterdir())) == len(inputs)


def test_a_finding_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IndexError

    monkeypatch.setattr(target, "read_transcripts", broken)
    with pytest.raises(IndexError):
        target.one_input(bytes([0, 0]) + "问：好吗？\n答：好。\n".encode())


def test_the_words_are_as_the_fuzzer_reads_them(tmp_path: Path) -> None:
    lines = write_words(tmp_path / "words.dict").read_text(encoding="ascii").splitlines()
    assert '"\\xE9\\x97\\xAE\\xEF\\xBC\\x9A"' in lines  # 问：
    assert all(line.startswith('"\\x') and line.endswith('"') for line in lines)
