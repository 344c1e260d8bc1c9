"""Count the files of the library that one action crosses: ``python scripts/hops.py [ACTION ...] [--files]``.

A file counts where a function of it ran, in any thread; that it was imported is not counted. Each action is done once
before, so that what is loaded once and kept (lexicons, the encoder, the messages) does not count. Each has a bound; the
exit code is 1 where one is passed.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
PACKAGE = ROOT / "lbc_themes"
DEMO = ROOT / "corpora" / "zhuzhai-demo" / "interviews"

Action = Callable[[], object]
CLOSING = ExitStack()
"""What the actions opened, to be closed at the end."""


class Trace:
    """Collects the files of the library in which a function begins, in every thread, while it is on."""

    def __init__(self) -> None:
        """Begin switched off; every thread that starts from here on is watched."""
        self.on = False
        self.files: set[str] = set()
        threading.setprofile(self._note)
        sys.setprofile(self._note)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if not self.on or event != "call" or code.co_name == "<module>":
            return
        if code.co_filename.startswith(str(PACKAGE)) and code.co_filename.endswith(".py"):
            self.files.add(str(Path(code.co_filename).relative_to(PACKAGE)))


TRACE = Trace()


def suggest(_: Path) -> Action:
    """Call ``suggest()`` of a fitted suggester for passages."""
    import lbc_themes as lbc

    passages = lbc.segment(lbc.read_transcripts(DEMO))
    suggester = lbc.CodeSuggester(lbc.load_codebook("left-behind-children"))
    ids = [code.id for code in suggester.codebook.codes][:4]
    suggester.fit([passage.text for passage in passages[:40]], [[ids[n % 4]] for n in range(40)])
    return lambda: suggester.suggest(passages[40:60], top=3)


def read_docx(_: Path) -> Action:
    """Read one Word transcript."""
    import lbc_themes as lbc

    return lambda: lbc.read_transcripts(DEMO / "C09.docx")


def key_1(folder: Path) -> Action:
    """Press 1 on the page: the first suggestion is stored and the next passage is shown."""
    from review_pages import opened, values
    from study_samples import suggested_study

    study = suggested_study(folder)
    coder = CLOSING.enter_context(opened(study))
    passages = iter(study.passages)

    def press() -> None:
        send(next(passages).id)

    def send(passage_id: str) -> None:
        on, TRACE.on = TRACE.on, False
        coder.get("/code", p=passage_id)
        shown = {"run": values(coder.page, "run")[0], "offered": values(coder.page, "offered")}
        TRACE.on = on
        assert coder.send("/decide", passage=passage_id, only=shown["offered"][0], **shown).status_code == 200

    return press


def compare(folder: Path) -> Action:
    """Make a table of agreement of a study's coders."""
    from study_samples import twice_coded_study

    from lbc_themes import Study
    from lbc_themes.study.compare import compare as compared

    study = CLOSING.enter_context(Study(twice_coded_study(folder)))
    return lambda: compared(study, draws=20)


def map_to(_: Path) -> Action:
    """Map themes to a codebook."""
    import lbc_themes as lbc

    themes = lbc.ThemeModel(random_state=0).fit(lbc.segment(lbc.read_transcripts(DEMO))[:120])
    codebook = lbc.load_codebook("left-behind-children")
    return lambda: themes.map_to(codebook)


ACTIONS: dict[str, tuple[Callable[[Path], Action], int, str]] = {
    "suggest": (suggest, 12, ""),
    "key-1": (key_1, 10, ""),
    "read-docx": (read_docx, 12, "reading/formats"),
    "compare": (compare, 12, ""),
    "map_to": (map_to, 14, ""),
}
"""Name of an action: how it is set up, its bound, and the folder whose files do not count."""


def main() -> None:
    """Print a line for each action."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("actions", nargs="*", metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument("--files", action="store_true", help="name the files")
    asked = parser.parse_args()
    passed = []
    for name in asked.actions or ACTIONS:
        set_up, bound, beside = ACTIONS[name]
        folder = CLOSING.enter_context(tempfile.TemporaryDirectory())
        action = set_up(Path(folder))
        action()
        TRACE.files.clear()
        TRACE.on = True
        action()
        TRACE.on = False
        counted = sorted(file for file in TRACE.files if not beside or not file.startswith(beside))
        print(f"{name}: {len(counted)} files (at most {bound})")
        if asked.files:
            print("".join(f"    {file}\n" for file in counted), end="")
        if len(counted) > bound:
            passed.append(name)
    CLOSING.close()
    sys.exit(1 if passed else 0)


if __name__ == "__main__":
    main()
