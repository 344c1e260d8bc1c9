"""A codebook as .yaml, laid out to be read and edited by people."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lbc_themes.codebook.yaml_read import SCHEMA
from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Rule

WIDTH = 118
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003fffd]"
)
_PLAIN = re.compile(r"[\w.\-]+(?: [\w.\-]+)*")
_PIECE = re.compile(r" ?(?:[\u3400-\u9fff]+[^\u3400-\u9fff ]*|[^\u3400-\u9fff ]+| )")
_RESERVED = re.compile(r"(?:null|true|false|yes|no|on|off|[\d.\-_+:]+|-.*)", re.IGNORECASE)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def write_yaml(codebook: Codebook, path: Path, head: str = "") -> None:
    """Write a codebook as .yaml. ``head`` is a comment to stand first, one line of it a line of comment."""
    path.write_text("".join(f"{line}\n" for line in yaml_lines(codebook, head)), encoding="utf-8", newline="\n")


def yaml_lines(codebook: Codebook, head: str = "") -> Iterator[str]:
    """Yield the lines of the file. The same codebook gives the same lines."""
    yield from (f"# {line}".rstrip() for line in head.splitlines())
    yield f"schema: {SCHEMA}"
    yield f"id: {_scalar(codebook.id)}"
    yield f"version: {quoted(codebook.version)}"
    yield from _bilingual("name", codebook.name, 0)
    yield from _text("source", codebook.source, 0)
    yield "codes:"
    for code in codebook:
        yield ""
        yield from _entry(code)


def _entry(code: Code) -> Iterator[str]:
    yield f"  - id: {_scalar(code.id)}"
    yield f"    parent: {_scalar(code.parent) if code.parent else 'null'}"
    yield from _bilingual("name", code.name, 4)
    yield from _bilingual("brief", code.brief, 4)
    yield from _bilingual("definition", code.definition, 4)
    yield from _rules("include", code.include)
    yield from _rules("exclude", code.exclude)
    for key in ("typical", "atypical", "close"):
        yield from _examples(key, getattr(code, key), code.id)
    yield from _list("indicators", code.indicators, 4)
    yield from _list("speakers", code.speakers, 4)
    if code.facets:
        yield "    facets:"
        for name, values in code.facets.items():
            yield from _list(_scalar(name), values, 6)
    yield f"    colour: {quoted(code.colour)}"
    yield from _text("source", code.source, 4)


def _bilingual(key: str, words: Bilingual, indent: int) -> Iterator[str]:
    yield f"{' ' * indent}{key}:"
    yield from _text("zh", words.zh, indent + 2)
    yield from _text("en", words.en, indent + 2)


def _rules(key: str, rules: Sequence[Rule]) -> Iterator[str]:
    if rules:
        yield f"    {key}:"
    for rule in rules:
        yield from _item([("zh", rule.text.zh), ("en", rule.text.en), *([("use", rule.use)] if rule.use else [])])


def _examples(key: str, examples: Sequence[Example], own: str) -> Iterator[str]:
    if examples:
        yield f"    {key}:"
    for each in examples:
        code = [("code", each.code)] if each.code != own else []
        yield from _item([("zh", each.text.zh), ("en", each.text.en), ("speaker", each.speaker.value), *code])


def _item(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    mark = "-"
    for key, value in pairs:
        lines = [f"{key}: {_scalar(value)}"] if key in {"use", "speaker", "code"} else list(_text(key, value, 8))
        yield f"      {mark} {lines[0].strip()}"
        yield from lines[1:]
        mark = " "


def _list(key: str, values: Sequence[str], indent: int) -> Iterator[str]:
    pieces = [f"{_scalar(value)}, " for value in values]
    if pieces:
        pieces[-1] = pieces[-1].removesuffix(", ") + "]"
        yield from _wrapped(f"{' ' * indent}{key}: [", pieces, indent + 2)


def _wrapped(line: str, pieces: Iterable[str], indent: int) -> Iterator[str]:
    for piece in pieces:
        if width(line) + width(piece.rstrip()) > WIDTH and line.strip():
            yield line.rstrip()
            line = " " * indent
        line += piece
    yield line.rstrip()


def _text(key: str, text: str, indent: int) -> Iterator[str]:
    """Yield a text in double quotes. Lines are joined with a space, or without one after a backslash."""
    whole = f"{' ' * indent}{key}: {quoted(text)}"
    if width(whole) <= WIDTH:
        yield whole
        return
    line = f'{" " * indent}{key}: "'
    for piece in _PIECE.findall(escaped(text)):
        if width(line) + width(piece) >= WIDTH:
            folds = len(piece) > 1 and piece[0] == " " and not line.endswith(" ")
            yield line if folds else f"{line}\\"
            line = " " * (indent + 2) + ("\\" if piece[0] == " " and not folds else "")
            line += piece[1:] if folds else piece
        else:
            line += piece
    yield f'{line}"'


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """Return ``text`` in double quotes."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Return ``text`` as it stands between double quotes."""
    plain = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return _UNPRINTED.sub(lambda hit: f"\\u{ord(hit[0]):04x}", plain)


def width(text: str) -> int:
    """Return how many columns ``text`` takes on a screen: a Chinese character takes two."""
    return len(text) + len(_WIDE.findall(text))
