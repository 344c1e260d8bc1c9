"""Label Studio: tasks with the codings of people as annotations and the machine's as predictions."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import write_private
from lbc_themes.core.records import Coding, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, labelled_codings, unlabelled
from lbc_themes.exchange.refi_qda.xml import guid_of

Result = dict[str, Any]


def label_studio_tasks(contents: Contents) -> list[Result]:
    """Return one task a transcript. Positions are half-open and in code points; labels are code ids.

    Each person's codings are one annotation, with their name in ``meta``; the machine's are one prediction.
    """
    coded: dict[tuple[str, str], list[Coding]] = defaultdict(list)
    for coding in labelled_codings(contents, machine_top=None):
        coded[coding.transcript_id, coding.coder].append(coding)
    tasks = []
    for number, transcript in enumerate(contents.transcripts, 1):
        mine = {coder: codings for (t, coder), codings in coded.items() if t == transcript.id}
        task: Result = {"id": number, "data": {"text": transcript.text, "transcript": transcript.id}}
        task["annotations"] = [
            {"result": _results(codings, transcript), "meta": {"coder": coder}}
            for coder, codings in mine.items()
            if coder != MACHINE
        ]
        machine = _results(mine.get(MACHINE, ()), transcript)
        task["predictions"] = [{"model_version": MACHINE, "result": machine}] if machine else []
        tasks.append(task)
    return tasks


def _results(codings: Iterable[Coding], transcript: Transcript) -> list[Result]:
    return [
        {
            "id": guid_of("region", c.transcript_id, c.start, c.end, c.code_id, c.coder)[:10], "type": "labels",
            "from_name": "code", "to_name": "text",
            "value": {
                "start": c.start, "end": c.end, "text": transcript.text[c.start : c.end], "labels": [c.code_id],
            },
            **({"meta": {"text": [c.memo]}} if c.memo else {}),
        }
        for c in codings
    ]  # fmt: skip


def label_studio_config(contents: Contents) -> str:
    """Return the labelling configuration that the tasks need, with the codes in their colours."""
    labels = "".join(
        f"    <Label value={quoteattr(code.id)} background={quoteattr(code.colour)}"
        f" hint={quoteattr(f'{code.name.zh} {code.name.en}')}/>\n"
        for code in contents.codebook
    )
    text = '  <Text name="text" value="$text" granularity="symbol"/>\n'
    return f'<View>\n  <Labels name="code" toName="text">\n{labels}  </Labels>\n{text}</View>\n'


def write_label_studio(contents: Contents, path: str | Path) -> None:
    """Write the tasks as .json, and the configuration beside it as .xml."""
    file = Path(path)
    try:
        write_private(file, json.dumps(label_studio_tasks(contents), ensure_ascii=False, indent=1))
        write_private(file.with_suffix(".xml"), label_studio_config(contents))
    except OSError as fault:
        raise InputError(f"{file}: cannot be written ({fault.strerror}); check the folder") from fault


def read_label_studio(path: str | Path, contents: Contents, *, coder: str = "") -> list[Coding]:
    """Return the codings in a Label Studio export, for ``Study.record_coding``; predictions are left out.

    ``coder`` names who annotated where the file does not. Refuses a task whose text is not that of its transcript, and
    labels that are no codes.
    """
    transcripts = {transcript.id: transcript for transcript in contents.transcripts}
    found = []
    try:
        for task in json.loads(Path(path).read_text(encoding="utf-8")):
            transcript = transcripts.get(task["data"].get("transcript", ""))
            if transcript is None or transcript.text != task["data"]["text"]:
                raise InputError(f"{path}: task {task.get('id')} is not about a transcript of the study as it is there")
            for annotation in task.get("annotations", ()):
                who = (annotation.get("meta") or {}).get("coder") or coder or f"user {annotation.get('completed_by')}"
                found += [c for result in annotation["result"] for c in _read(result, transcript, who, contents)]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        if isinstance(fault, InputError):
            raise
        raise InputError(f"{path}: not a Label Studio export ({fault!r}); export it as JSON") from fault
    return found


def _read(result: Result, transcript: Transcript, coder: str, contents: Contents) -> list[Coding]:
    if result.get("type") != "labels":
        return []
    value = result["value"]
    unknown = [label for label in value["labels"] if label not in contents.codebook]
    if unknown:
        raise InputError(f"transcript {transcript.id}: the label {unknown[0]!r} is no code; labels are code ids")
    memo = "\n".join((result.get("meta") or {}).get("text", ()))
    return [
        unlabelled(
            Coding(
                transcript_id=transcript.id,
                start=value["start"],
                end=value["end"],
                code_id=label,
                coder=coder,
                memo=memo,
            )
        )
        for label in value["labels"]
    ]
