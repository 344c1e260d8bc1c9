"""From bytes to text: which encoding a file is in."""

import codecs
import re

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_SAMPLE = 20_000


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of ``data`` and the name of its encoding.

    Tried in this order: the byte order mark, UTF-8, UTF-16 without a mark, GB18030 or Big5 where the result reads like
    Chinese, then what charset-normalizer finds. The mark is dropped; everything else stays as it is. Nothing is ever
    replaced: a file that fits no encoding is refused with the place of the first fault.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _marked(data, len(mark), name), name
    if b"\0" in data:
        return _wide(data)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as fault:
        _refuse_damaged(data, fault)
    if (text := _chinese(data)) is not None:
        return text, "gb18030"
    return (text, "big5") if (text := _traditional(data)) is not None else _guessed(data)


def _marked(data: bytes, start: int, name: str) -> str:
    try:
        return data[start:].decode(name)
    except UnicodeDecodeError as fault:
        if "surrogate" in fault.reason or fault.reason == "illegal encoding":
            line = data[start : start + fault.start].decode(name).count("\n") + 1
            raise InputError(message("text.half_character", line=line)) from fault
        place = message("text.begins_as", name=name, start=start + fault.start)
        raise InputError(message("text.refused", place=place, advice=message("text.save_as_utf_8"))) from fault


def _wide(data: bytes) -> tuple[str, str]:
    """Return the text of a file with zero bytes: UTF-16 without a mark, or else no text at all."""
    sample = data[: 2 * _SAMPLE]
    name = max(("utf-16-le", "utf-16-be"), key=lambda wide: _readable(sample.decode(wide, errors="replace")))
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        text = ""
    if "\0" in text or _readable(text) < 0.7:
        line = data.count(b"\n", 0, data.index(0)) + 1
        raise InputError(message("text.line_holds_zero_byte", line=line, advice=message("text.save_as_utf_8")))
    return text, name


def _readable(text: str) -> float:
    """Return how much of ``text`` is printable ASCII, punctuation that Chinese uses, or a common ideograph."""
    sample = text[:_SAMPLE]
    plain = sum(1 for c in sample if " " <= c <= "~" or c in "\t\n\r" or "\u3000" <= c <= "\u303f" or "！" <= c <= "～")
    ideographs = _ideographs(sample)
    return (plain + sum(map(_is_common, ideographs))) / max(1, len(sample))


def _refuse_damaged(data: bytes, fault: UnicodeDecodeError) -> None:
    """Refuse a file that is UTF-8 but for a few bytes, for in another encoding it would read as nonsense."""
    line = data.count(b"\n", 0, fault.start) + 1
    if _SURROGATE.match(data, fault.start):
        raise InputError(message("text.half_character", line=line))
    head = data[: max(_SAMPLE, fault.end + 8)]
    text = head.decode("utf-8", errors="replace")
    foreign = sum(1 for c in text if ord(c) > 0x7F)
    if text.count("�") * 20 < foreign:
        line = data.count(b"\n", 0, fault.start) + 1
        raise InputError(
            message("text.line_byte_utf_though", line=line, start=fault.start, advice=message("text.save_as_utf_8"))
        )


def _chinese(data: bytes) -> str | None:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as fault:
        _refuse_damaged_chinese(data, fault)
        return None
    return text if _share_of_common(text) > 0.7 and _share_of_controls(text) < 0.01 else None


def _refuse_damaged_chinese(data: bytes, fault: UnicodeDecodeError) -> None:
    """Refuse a file that is GB18030 but for a few bytes, most often one whose end was cut off."""
    text = data[: max(_SAMPLE, fault.end + 8)].decode("gb18030", errors="replace")
    if text.count("�") * 20 < len(text) and _share_of_common(text.replace("�", "")) > 0.9:
        line = data.count(b"\n", 0, fault.start) + 1
        raise InputError(
            message("text.line_byte_gb_though", line=line, start=fault.start, advice=message("text.save_as_utf_8"))
        )


def _ideographs(text: str) -> list[str]:
    return [c for c in text[:_SAMPLE] if "\u3400" <= c <= "\u9fff" or c > "\uffff" or "\ue000" <= c <= "\uf8ff"]


def _is_common(character: str) -> bool:
    """Say whether an ideograph is among the 3,755 common ones of GB 2312, whose lead bytes are B0 to D7."""
    return b"\xb0" <= character.encode("gb2312", errors="replace")[:1] <= b"\xd7"


def _share_of_common(text: str) -> float:
    ideographs = _ideographs(text)
    return sum(map(_is_common, ideographs)) / len(ideographs) if ideographs else 0.0


def _share_of_controls(text: str) -> float:
    sample = text[:_SAMPLE]
    return sum(1 for c in sample if c < " " and c not in "\t\n\r\f\v") / max(1, len(sample))


def _traditional(data: bytes) -> str | None:
    """Return the text of a Big5 file: its ideographs are mostly among its 5,401 common ones (lead bytes A4-C6)."""
    try:
        text = data.decode("cp950")
    except UnicodeDecodeError:
        return None
    ideographs = _ideographs(text)
    common = sum(b"\xa4" <= c.encode("cp950", errors="replace")[:1] <= b"\xc6" for c in ideographs)
    return text if common > 0.9 * max(1, len(ideographs)) and _share_of_controls(text) < 0.01 else None


def _guessed(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(
        data[: _SAMPLE * 10], cp_isolation=["big5", "gb18030", "utf_16", "shift_jis", "euc_kr", "cp1252"]
    ).best()
    name = best.encoding if best is not None else ""
    try:
        text = data.decode(name) if name else ""
    except UnicodeDecodeError as fault:
        raise InputError(
            message("text.read_up_byte", name=name, start=fault.start, advice=message("text.save_as_utf_8"))
        ) from fault
    if not text or _share_of_controls(text) > 0.01:
        raise InputError(message("text.neither_utf_utf_gb", advice=message("text.save_as_utf_8")))
    return text, name
