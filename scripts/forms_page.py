"""Write docs/forms.md and docs/forms.zh-CN.md: ``python scripts/forms_page.py`` (``--check`` only compares).

Every form stands beside what is read of it. The inputs are those of benchmarks/reading_cases.yaml, which the tests and
the benchmark reading_forms read too; what stands under "read" is what the reader makes of them when it is written.
"""

import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.reading_forms import Case, cases
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Language, word_table
from lbc_themes.core.records import Transcript
from lbc_themes.reading import read_transcripts, wording_of
from lbc_themes.reading.audit import KINDS

DOCS = Path(__file__).parent.parent / "docs"
PAGES: dict[Language, Path] = {"en": DOCS / "forms.md", "zh": DOCS / "forms.zh-CN.md"}
SAID = tomllib.loads((Path(__file__).parent / "forms_page.toml").read_text(encoding="utf-8"))


def page(language: Language) -> str:
    """Return the whole page in ``language``."""
    say = {name: words[language] for name, words in SAID.items()}
    lines = [f"# {say['title']}", "", say["intro"], ""]
    for case in cases():
        lines += [
            f"## {case.made[language]}",
            "",
            f"`{case.made['file']}`",
            "",
            *_input(case),
            "",
            *_read(case, say),
            "",
        ]
    furniture = word_table("reading.furniture")
    lines += [f"## {say['furniture']}", "", say["furniture_intro"], "", say["kinds"], "|---|---|"]
    lines += [f"| {kind} | {words.said(language)} |" for kind, words in furniture.items()]
    lines += ["", f"## {say['word']}", "", say["word_rules"], ""]
    lines += [f"## {say['audit']}", "", say["audit_intro"], "", say["heads"], "|---|---|---|---|"]
    severities, says, does = (word_table(f"reading.{table}") for table in ("severities", "findings", "advice"))
    for kind, severity in KINDS.items():
        words = says[kind].said(language).format(details="…")
        lines.append(
            f"| `{kind}` | {severities[severity.value].said(language)} | {words} | {does[kind].said(language)} |"
        )
    return "\n".join(lines) + "\n"


def _input(case: Case) -> Iterator[str]:
    yield "~~~text"
    made = case.made
    if "text" in made:
        yield str(made["text"]).strip("\n")[:1500]
    for item in [*made.get("docx", ()), *made.get("odt", ())]:
        yield from _shown(item)
    for row in made.get("xlsx", ()):
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield "~~~"


def _shown(item: Any) -> Iterator[str]:  # noqa: ANN401 (what YAML holds)
    if isinstance(item, str):
        yield item
    elif isinstance(item, list):
        yield from ("| " + " | ".join(cell.replace("\n", " ⏎ ") for cell in row) + " |" for row in item)
    elif "heading" in item:
        yield f"[Heading 2] {item['heading']}"
    else:
        hidden = f" [w:vanish: {item['hidden']}]" if item.get("hidden") else ""
        yield item["text"] + hidden + (" [w:ruby]" if item.get("pinyin") else "")


def _read(case: Case, say: dict[str, str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = case.write(Path(folder))
        try:
            [transcript] = read_transcripts(path)
        except InputError as refusal:
            yield say["refused"] + str(refusal).removeprefix(f"{path}: ")
            return
    yield f"{say['read']} `{transcript.form}`:"
    yield ""
    yield "~~~text"
    yield from (_turn(transcript, number) for number in range(len(transcript.turns)))
    yield "~~~"
    if transcript.findings:
        yield ""
        language: Language = "zh" if say["read"] == "读作" else "en"
        yield f"{say['found']}: " + "; ".join(wording_of(finding).said(language) for finding in transcript.findings)


def _turn(transcript: Transcript, number: int) -> str:
    turn = transcript.turns[number]
    time = "" if turn.time is None else f"{turn.time:g} s"
    words = transcript.said(turn).replace("\n", " ⏎ ")
    question = f"  ← {turn.question}" if turn.question else ""
    return f"{turn.role.value} | {turn.speaker} | {time} | {words}{question}"


def main() -> None:
    """Write the pages, or with ``--check`` end with exit code 1 where they differ from what would be written."""
    stale = [path for language, path in PAGES.items() if not path.exists() or path.read_text("utf-8") != page(language)]
    if "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(path.name for path in stale)}; run scripts/forms_page.py" if stale else 0)
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    main()
