"""From bytes to text."""

from pathlib import Path

import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.reading import read_transcripts
from lbc_themes.text.decoding import decode

SIMPLE = "问：冬天上学路上冷不冷？\n答：冷，雪到膝盖，手套是姥姥织的。\n一个 OK。👍𠮷\n"
PLAIN = SIMPLE.replace("👍𠮷", "")
TRADITIONAL = "問：冬天上學路上冷不冷？\n答：冷，雪到膝蓋，手套是姥姥織的，爸爸過年才會回來。\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_text_comes_back_as_it_was(encoding: str) -> None:
    assert decode(SIMPLE.encode(encoding))[0] == SIMPLE


@pytest.mark.parametrize(("text", "encoding"), [(PLAIN, "gbk"), (TRADITIONAL, "gbk"), (TRADITIONAL, "big5")])
def test_older_encodings_come_back_as_they_were(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n", "\x0b", "\u2028", "\x0c"])
def test_nothing_within_the_text_is_changed(end: str) -> None:
    text = f"\u200b问：早{end}\x01答：早\ufeff{end}"
    assert decode(text.encode())[0] == text


def test_only_one_byte_order_mark_is_dropped() -> None:
    assert decode("\ufeff\ufeff早".encode())[0] == "\ufeff早"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (PLAIN.encode() * 20 + b"\xff" + PLAIN.encode(), "line 61: byte"),
        ("早\n早\n早".encode() + b"\xed\xa0\x80", "line 3 holds half a character"),
        (b"\xff\xfe\x3f\x65\x00\xd8\x3f\x65", "line 1 holds half a character"),
        (b"\xff\xfe\x3f\x65\x3f", "byte 4 does not fit"),
        ("早\0早".encode(), "line 1 holds a zero byte"),
        (bytes(range(256)) * 8, "holds a zero byte"),
        (b"\x81\x02\x90\x03\x9d\x8d\x05\x8f" * 50, "neither UTF-8"),
    ],
)
def test_what_fits_no_encoding_is_refused_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(data)
    assert says in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_half_a_character_in_utf_16_is_refused_with_its_line(tmp_path: Path, encoding: str) -> None:
    half = "\ud83d".encode(encoding, "surrogatepass")
    mark = "\ufeff".encode(encoding)
    path = tmp_path / "稿.txt"
    path.write_bytes(mark + "问：好吗？\n答：好".encode(encoding) + half + "的。\n".encode(encoding))
    with pytest.raises(InputError, match="line 2 holds half a character"):
        read_transcripts(path)


@pytest.mark.parametrize("text", ["問：誰接你？\r\n答：沒人接。\r\n", "師：冷嗎？\n生：不冷，我穿了兩件，媽寄的。\n"])
def test_a_few_lines_of_big5_are_enough_to_tell_it(text: str) -> None:
    assert decode(text.encode("big5")) == (text, "big5")


def test_a_gb18030_file_whose_end_is_cut_off_is_refused_and_not_read_as_something_else() -> None:
    whole = "问：谁接你？\n答：没人接，我自己走回来的。\n".encode("gb18030")
    with pytest.raises(InputError, match=r"line 2: byte .* is not GB18030, though the rest is"):
        decode(whole[:-2])
