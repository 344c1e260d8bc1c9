"""Every form that transcripts come in: every turn right, or else a finding that says that something is wrong.

The inputs are invented: those of ``benchmarks/reading_cases.yaml``, one for each form, and several hundred variations
of them (labels of twelve kinds in each of some fifty shapes of line, cue and table). Every turn has to have the right
words and speaker, and its time where the file says one. A wrong reading is flagged where the audit has a finding to
check, and silent otherwise. A folder with further inputs and an ``expected.json`` is read too where the environment
variable LBC_READING_CASES names one. Speed is measured on the real interviews of two sets.
"""

import io
import json
import os
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Transcript
from lbc_themes.reading import FORMS, audit, read_transcripts, to_check

NAME = "reading_forms"
QUESTION = "How many shapes of file are read right, and is a wrong reading ever silent?"
DATA = ("pdis-interviews", "spoken-l1")
PACKAGES = ("praatio", "striprtf", "openpyxl", "lxml")
NOTE = """
What is wrong and flagged are shapes in which nobody is named or a label is missing, which no reader can mend. The audit
is measured by itself on transcripts that were read before; what the reader has to do for it (to account for every
stretch of a file) is part of the seconds of reading.
"""

CASES = Path(__file__).parent / "reading_cases.yaml"
Outcome = Literal["right", "flagged", "silent", "refused"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One input with the right reading; ``made`` is the entry of the YAML file from which it is written."""

    name: str
    kind: str
    made: Mapping[str, Any]

    @property
    def turns(self) -> list[list[Any]]:
        """The right turns: speaker, role, seconds or None, words and, where one is stated, the question."""
        turns: list[list[Any]] = self.made.get("turns", [])
        return turns

    def write(self, folder: Path) -> Path:
        """Write the input into ``folder`` and return its path."""
        path = folder / str(self.made["file"])
        if "docx" in self.made:
            path.write_bytes(_docx(self.made["docx"], strict=bool(self.made.get("strict"))))
        elif "odt" in self.made:
            path.write_bytes(_odt(self.made["odt"]))
        elif "xlsx" in self.made:
            path.write_bytes(_xlsx(self.made["xlsx"]))
        else:
            path.write_bytes(str(self.made.get("text", "")).encode("utf-8"))
        return path


def cases() -> list[Case]:
    """Return the cases of the YAML file in their order."""
    entries: list[dict[str, Any]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return [Case(name=entry["id"], kind=entry["kind"], made=entry) for entry in entries]


def main(data: Path) -> dict[str, Any]:
    """Return the shares of right, flagged and silent readings, and the seconds of reading and of the audit."""
    rows = {
        "cases, one a form": _shares(outcome_of(case) for case in cases()),
        "variations": _shares(outcome_of(case) for case in variations()),
    }
    if folder := os.environ.get("LBC_READING_CASES"):
        rows["further inputs"] = _shares(_of_folder(Path(folder)))
    return {"Readings": rows, "Forms": {"forms": {"number": len(FORMS)}}, "Speed": {"real interviews": _speed(data)}}


def _shares(outcomes: Iterator[Outcome]) -> dict[str, float]:
    counted = Counter(outcomes)
    number = sum(counted.values())
    right = counted["right"] + counted["refused"]
    return {
        "files": number,
        "right": right / number,
        "wrong, flagged": counted["flagged"] / number,
        "wrong, silent": counted["silent"] / number,
    }


def outcome_of(case: Case) -> Outcome:
    """Return how a case is read; "refused" where it is to be refused and is."""
    with tempfile.TemporaryDirectory() as folder:
        path = case.write(Path(folder))
        try:
            [transcript] = read_transcripts(path)
        except InputError as refusal:
            return "refused" if str(case.made.get("refused", "\n")) in str(refusal) else "flagged"
        if "refused" not in case.made and is_right(transcript, case.turns):
            return "right"
        return "flagged" if to_check([transcript]) else "silent"


def is_right(transcript: Transcript, turns: list[list[Any]]) -> bool:
    """Say whether speakers, roles, times (where stated), words and questions (where stated) are those of ``turns``."""
    return len(transcript.turns) == len(turns) and all(
        turn.speaker == right[0]
        and (right[1] is None or turn.role.value == right[1])
        and (right[2] is None or turn.time == right[2])
        and _squeezed(transcript.said(turn)) == _squeezed(right[3])
        and (len(right) < 5 or turn.question == right[4])
        for turn, right in zip(transcript.turns, turns, strict=True)
    )


def _squeezed(words: str) -> str:
    return "\n".join(line.strip() for line in words.split("\n") if line.strip())


def _of_folder(folder: Path) -> Iterator[Outcome]:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for name, entry in expected.items():
        if not entry["turns"] or not (folder / name).is_file():
            continue
        try:
            [transcript] = read_transcripts(folder / name)
        except InputError:
            yield "flagged"
            continue
        turns = [
            [t["speaker"], t["role"], t.get("time"), transcript.said(mine) if t.get("text") is None else t["text"]]
            for t, mine in zip(entry["turns"], (*transcript.turns, *transcript.turns[-1:] * 99), strict=False)
        ]
        right = is_right(transcript, turns)
        yield "right" if right else "flagged" if to_check([transcript]) else "silent"


def _speed(data: Path) -> dict[str, float]:
    folders = [data / "spoken-l1" / "L1-L1 transcripts", data / "pdis-interviews" / "md"]
    begin = time.process_time()
    transcripts = [transcript for folder in folders for transcript in read_transcripts(folder)]
    reading = time.process_time() - begin
    begin = time.process_time()
    for transcript in transcripts:
        audit(transcript)
    auditing = time.process_time() - begin
    return {
        "characters": sum(len(transcript.text) for transcript in transcripts),
        "reading, processor seconds": reading,
        "of which the audit": auditing,
        "share of the audit": auditing / reading,
    }


# --- Variations: labels of several kinds in many shapes.

_QUESTIONS = ("你爸爸在哪儿干活？", "谁给你开家长会？", "那你怕不怕黑？")
_ANSWERS = ("在广东，过完年就走了。", "我奶奶去，她不识字。", "怕，就把被子蒙住头。")
_WORDS = tuple(words for pair in zip(_QUESTIONS, _ANSWERS, strict=True) for words in pair)
_SECONDS = (3, 9, 15, 21, 28, 33)
_LABELS = (
    ("说话人1", "说话人2"),
    ("发言人 1", "发言人 2"),
    ("周敏", "林小雨"),
    ("Speaker 1", "Speaker 2"),
    ("访谈者", "受访者"),
    ("訪談者", "受訪者"),
    ("采访人", "学生"),
    ("周老师（访谈者）", "小林（化名）"),
    ("SPEAKER_00", "SPEAKER_01"),
    ("I", "P1"),
    ("Zhou", "Lin"),
    ("主持人", "王奶奶"),
)
# {n} number of the turn, {who} label, {m} MM:SS, {h} HH:MM:SS, {s} seconds, {w} words; the third part says whether the
# time has to be read.
_SHAPES = (
    ("{who} {m}\n{w}\n", ".txt", True),
    ("{who}  {m}\n{w}\n\n", ".txt", True),
    ("{who}({m})\n{w}\n", ".txt", True),
    ("{who}（{m}）：{w}\n", ".txt", True),
    ("{who} [{h}] {w}\n", ".txt", True),
    ("[{h}] {who}\n{w}\n\n", ".txt", True),
    ("【{h}】{who}\n{w}\n\n", ".txt", True),
    ("{m} {who}\n{w}\n", ".txt", True),
    ("[{m}] {who}：{w}\n", ".txt", True),
    ("[{h}]\xa0{who}：{w}\n", ".txt", True),
    ("（{m}）{who}: {w}\n", ".txt", True),
    ("{m}-{m} {who}：{w}\n", ".txt", True),
    ("{who} {m} {w}\n", ".txt", True),
    ("{who} {h} {w}\n", ".txt", True),
    ("{who}\t{m}\t{w}\n", ".txt", True),
    ("{m}\t{who}\t{w}\n", ".txt", True),
    ("### {who} ({m})\n\n{w}\n\n", ".md", True),
    ("**{who}** {m}\n\n{w}\n\n", ".md", True),
    ("**{who}（{m}）**：{w}\n\n", ".md", True),
    ("**{who}：** {w}\n\n", ".md", False),
    ("## {who}\n\n{w}\n\n", ".md", False),
    ("{who}: {w} #{h}-3#\n\n", ".txt", False),
    ("{who}：{w}[{m}]\n", ".txt", False),
    ("{who}：{w}（{h}）\n", ".txt", False),
    ("{who}：[{m}] {w}\n", ".txt", False),
    ("{who} 2026-03-01 {h}\n{w}\n\n", ".txt", False),
    ("2026-03-01 {h} {who}\n{w}\n\n", ".txt", False),
    ("[{m}]\n{who}：{w}\n", ".txt", True),
    ("{n:03d} {who}：{w}\n", ".txt", False),
    ("【{who}】{w}\n", ".txt", False),
    ("{n}\n{h},000 --> {h},900\n{who}：{w}\n\n", ".srt", True),
    ("{n}\n{h},000 --> {h},900\n[{who}] {w}\n\n", ".srt", True),
    ("{n}\n{h},000 --> {h},900\n（{who}）{w}\n\n", ".srt", True),
    ("{n}\n{h} --> {h}\n{who}: {w}\n\n", ".srt", True),
    ("{n}\n{h},000 -> {h},900\n{who}: {w}\n\n", ".srt", True),
    ("{n}\n{h},000 --> {h},900\n{who}：{w}\n\n", ".txt", True),
    ("{n}\n{h},000 --> {h},900\n{who}：{w}\nline {n} in English\n\n", ".srt", True),
    ("{h}.000 --> {h}.900\n<v {who}>{w}</v>\n\n", ".vtt", True),
    ("{n}\n{h}.000 --> {h}.900\n{who}: {w}\n\n", ".vtt", True),
    ("{n},{who},{m},{w}\n", ".csv", True),
    ("{s}.0,{s}.9,{who},{w}\n", ".csv ", True),
    ("{s}000\t{s}900\t{who}\t{w}\n", ".tsv", True),
)
_HEADS = {
    ".vtt": "WEBVTT\n\n", ".csv": "序号,说话人,时间,内容\n", ".csv ": "start,end,speaker,text\n",
    ".tsv": "start\tend\tspeaker\ttext\n",
}  # fmt: skip


def variations() -> Iterator[Case]:
    """Yield every label in every shape."""
    for asks, answers in _LABELS:
        for shape, ending, timed in _SHAPES:
            rows, turns = [_HEADS.get(ending, "")], []
            for number, (words, second) in enumerate(zip(_WORDS, _SECONDS, strict=True)):
                who = answers if number % 2 else asks
                minute = f"00:{second:02d}"
                rows.append(shape.format(n=number + 1, who=who, m=minute, h=f"00:{minute}", s=second, w=words))
                turns.append([who, None, second if timed else None, words])
            made = {"file": f"v{ending.strip()}", "text": "".join(rows)}
            yield Case(name=f"{asks} {shape!r}", kind="variation", made={**made, "turns": turns})


# --- Files that are no text, made from what the YAML says.

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _docx(items: list[Any], *, strict: bool) -> bytes:
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    for item in items:
        if isinstance(item, str):
            document.add_paragraph(item)
        elif isinstance(item, list):
            table = document.add_table(len(item), len(item[0]))
            for row, values in zip(table.rows, item, strict=True):
                for cell, value in zip(row.cells, values, strict=True):
                    cell.text = value
        elif "heading" in item:
            document.add_heading(item["heading"], 2)
        elif item.get("pinyin"):
            label, mark, words = item["text"].partition("：")
            base = f"<w:rubyBase><w:r><w:t>{words[0]}</w:t></w:r></w:rubyBase>"
            guide = f"<w:r><w:ruby><w:rt><w:r><w:t>yin</w:t></w:r></w:rt>{base}</w:ruby></w:r>"
            runs = f"<w:r><w:t>{label}{mark}</w:t></w:r>{guide}<w:r><w:t>{words[1:]}</w:t></w:r>"
            document.element.body.insert(-1, parse_xml(f"<w:p {_W}>{runs}</w:p>"))
        else:
            paragraph = document.add_paragraph(item["text"])
            if item.get("hidden"):
                paragraph.add_run(item["hidden"]).font.hidden = True
    held = io.BytesIO()
    document.save(held)
    return _strict(held.getvalue()) if strict else held.getvalue()


def _strict(data: bytes) -> bytes:
    usual = b"http://schemas.openxmlformats.org/"
    names = {
        usual + b"wordprocessingml/2006/main": b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        usual + b"officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(held, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            for old, new in names.items():
                part = part.replace(old, new)
            after.writestr(name, part)
    return held.getvalue()


def _odt(paragraphs: list[str]) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join(f"<text:p>{words}</text:p>" for words in paragraphs)
    content = (
        f'<office:document-content xmlns:office="{space}office:1.0" xmlns:text="{space}text:1.0"><office:body>'
        f"<office:text>{body}</office:text></office:body></office:document-content>"
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
    return held.getvalue()


def _xlsx(rows: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
