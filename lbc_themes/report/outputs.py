"""Write what a run found: tables, records and the account of the run."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lbc_themes.core.assets import sha256_of
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_folder, private_open, write_csv_records, write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Suggestion
from lbc_themes.core.versions import library_versions
from lbc_themes.pipeline import RunResult
from lbc_themes.report.page import write_report
from lbc_themes.safeguards.distress import reason_given, without_small_talk
from lbc_themes.themes.summaries import THEME_COLUMNS

NAMES = ("report.html", "suggestions.csv", "suggestions.jsonl", "themes.csv", "passages.jsonl", "run.json")


def refuse_to_overwrite(out: Path, *, force: bool) -> None:
    """Refuse an output folder that can't be one, or that holds a run already where ``force`` is not given."""
    nearest = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise InputError(message("report.outputs.out_is_file", out=out, path=nearest))
    if not os.access(nearest, os.W_OK):
        raise InputError(message("report.outputs.out_read_only", out=out, path=nearest))
    there = [name for name in NAMES if (out / name).exists()]
    if there and not force:
        raise InputError(message("report.outputs.out_taken", out=out, names=there))


def write_outputs(result: RunResult) -> list[Path]:
    """Write the six files of a run into its output folder and return their paths.

    Refuses a folder in which nothing can be written, and one that holds a run already unless the options say ``force``.
    """
    out = result.options.out
    refuse_to_overwrite(out, force=result.options.force)
    try:
        private_folder(out)
        _write_all(result, out)
    except OSError as error:
        raise InputError(message("report.outputs.out_failed", out=out, reason=error)) from error
    return [out / name for name in NAMES]


def _write_all(result: RunResult, out: Path) -> None:
    suggestions = suggestion_rows(result)
    write_csv_records(out / "suggestions.csv", suggestions, list(suggestions[0]))
    _write_jsonl(out / "suggestions.jsonl", map(asdict, without_small_talk(result.suggestions, result.distress)))
    _write_jsonl(out / "passages.jsonl", passage_records(result))
    write_csv_records(out / "themes.csv", result.themes.to_records(), THEME_COLUMNS)
    write_report(result, out / "report.html")
    write_private(out / "run.json", json.dumps(account(result), ensure_ascii=False, indent=2) + "\n")


def suggestion_rows(result: RunResult) -> list[dict[str, object]]:
    """Return one row a passage: where it stands, what it says, what is suggested and why."""
    metadata_of = {t.id: t.metadata for t in result.transcripts}
    rows = []
    for passage, suggestion, cues in zip(result.passages, result.suggestions, result.distress, strict=True):
        row: dict[str, object] = {
            "passage": passage.id, "transcript": passage.transcript_id,
            "participant": metadata_of[passage.transcript_id].get("participant", ""),
            "speaker": passage.speaker, "role": passage.role.value, "start": passage.start, "end": passage.end,
            "question": passage.question, "text": passage.text,
        }  # fmt: skip
        row |= _code_cells(result, suggestion)
        unclear = [cue.text for cue in cues if cue.kind == "unclear"]
        plain = [cue.text for cue in cues if cue.kind != "unclear"]
        row |= {
            "no_suggestion": reason_given(suggestion, cues),
            "distress": "、".join(plain),
            "distress_unclear": "、".join(unclear),
        }
        row |= {"decision": "", "decided_codes": "", "memo": ""}
        rows.append(row)
    return rows


def _code_cells(result: RunResult, suggestion: Suggestion) -> dict[str, object]:
    cells: dict[str, object] = {}
    for number in range(1, result.options.top + 1):
        code = suggestion.codes[number - 1] if number <= len(suggestion.codes) else None
        name = result.codebook[code.code_id].name if code else None
        cells |= {
            f"code_{number}": code.code_id if code else "",
            f"name_{number}_zh": name.zh if name else "",
            f"name_{number}_en": name.en if name else "",
            f"probability_{number}": round(code.probability, 3) if code else "",
            f"why_{number}": code.evidence.why_zh if code else "",
        }
    return cells


def passage_records(result: RunResult) -> Iterable[dict[str, object]]:
    """Yield each passage with its theme."""
    for passage, theme in zip(result.passages, result.themes.labels_.tolist(), strict=True):
        yield asdict(passage) | {"theme": theme}


def account(result: RunResult) -> dict[str, object]:
    """Return what was run on what, with what: versions, seed, options, checksums, seconds."""
    options = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(result.options).items()}
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "lbc-themes run",
        "options": options,
        "codebook": {"id": result.codebook.id, "version": result.codebook.version, "codes": len(result.codebook)},
        "inputs": [
            {"transcript": t.id, "file": t.source, "sha256": t.sha256, "form": t.form, "notes": list(t.notes),
             "findings": [asdict(finding) for finding in t.findings]}
            for t in result.transcripts
        ],
        "unread": [{"file": str(u.path), "reason": u.reason.en} for u in result.unread],
        "counts": {
            "transcripts": len(result.transcripts), "passages": len(result.passages),
            "with_suggestion": sum(bool(s.codes) for s in result.suggestions), "themes": len(result.themes.themes_),
        },
        "seconds": result.seconds,
        "machine": {"python": sys.version.split()[0], "system": platform.system(), "processor": platform.machine()},
        "versions": library_versions(),
        "codebook_sha256": _codebook_sha256(result),
    }  # fmt: skip


def _codebook_sha256(result: RunResult) -> str:
    from lbc_themes.core.assets import codebook_file

    path = codebook_file(result.options.codebook) or Path(result.options.codebook)
    return sha256_of(path)


def _write_jsonl(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    with private_open(path, "w") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
