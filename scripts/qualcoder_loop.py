"""Let QualCoder import a .qdpx, code in it, and export it again, without a window. Run it with QualCoder's Python.

    python scripts/qualcoder_loop.py CHECKOUT CAME.qdpx OUT_FOLDER [WORK.json]

CHECKOUT is a folder with QualCoder's source, CAME.qdpx what it is to import as a new project in OUT_FOLDER, where
p.qdpx is what it exports. WORK.json lists what a person does in between: rows for its tables code_text
(``{"file", "words", "code", "coder", "memo"}``) and, without a code, annotation. QualCoder's own windows, import and
export do the work; dialogs are answered here, and the packages of its assistant, which no exchange needs, are stood in
for where they are not installed. It is given a home of its own, so that no settings of a person's are touched.
"""

import builtins
import importlib.abc
import importlib.machinery
import json
import os
import sys
import types
from pathlib import Path
from typing import Any
from unittest import mock

ASSISTANT = frozenset({
    "langchain_core", "langchain_community", "langchain_openai", "langchain_text_splitters", "openai", "pydantic",
    "huggingface_hub", "faiss", "sentence_transformers", "transformers", "torch", "Bio", "httpx", "mcp", "vlc",
})  # fmt: skip


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages of the assistant that are not installed."""

    def find_spec(self, fullname: str, *_rest: object) -> importlib.machinery.ModuleSpec | None:
        """Return a stand-in, for a package of the assistant alone."""
        known = fullname.partition(".")[0] in ASSISTANT
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if known else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:  # noqa: ANN401 (a mock)
        """Return a mock that has whatever is asked of it."""
        module = mock.MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave the mock as it is."""


def main() -> None:
    """Import, code, export."""
    checkout, came, folder = (Path(each).absolute() for each in sys.argv[1:4])
    work = json.loads(Path(sys.argv[4]).read_text(encoding="utf-8")) if len(sys.argv) > 4 else []
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "USERPROFILE": str(folder)}
    sys.meta_path.append(StandIns())
    sys.path.insert(0, str(checkout / "src") if (checkout / "src" / "qualcoder").is_dir() else str(checkout))
    builtins._ = lambda text: text  # type: ignore[attr-defined]  # QualCoder's words in English
    import qualcoder.__main__ as program  # type: ignore[import-not-found, unused-ignore]
    from PyQt6 import QtWidgets  # type: ignore[import-not-found, unused-ignore]

    sys.excepthook = sys.__excepthook__  # theirs shows a dialog that nobody closes
    program.AiLLM = mock.MagicMock()
    running = QtWidgets.QApplication([])
    window = mock.MagicMock()
    files, boxes = QtWidgets.QFileDialog, QtWidgets.QMessageBox
    with (
        mock.patch.object(files, "getSaveFileName", return_value=(str(folder / "p"), True)),
        mock.patch.object(files, "getOpenFileName", return_value=(str(came), True)),
        mock.patch.object(files, "getExistingDirectory", return_value=str(folder)),
        mock.patch.object(boxes, "exec", return_value=1),
        mock.patch.object(QtWidgets.QDialog, "exec", return_value=1),
    ):
        window.app = program.App()
        program.MainWindow.new_project(window)
        program.RefiImport(window.app, window.ui.textEdit, "qdpx")
        for each in work:
            add(window.app.conn, each)
        program.RefiExport(window.app, window.ui.textEdit, "project")
    print(json.dumps({"version": window.app.version}))
    del running


def add(db: Any, work: dict[str, str]) -> None:  # noqa: ANN401 (their connection)
    """Add a coding or an annotation as QualCoder's window for coding does."""
    number, text = db.execute("SELECT id, fulltext FROM source WHERE name = ?", (work["file"],)).fetchone()
    start = text.index(work["words"])
    place = (number, start, start + len(work["words"]))
    said = (work["coder"], "2026-01-02 03:04:05", work.get("memo", ""))
    if "code" in work:
        (code,) = db.execute("SELECT cid FROM code_name WHERE name = ?", (work["code"],)).fetchone()
        db.execute(
            "INSERT INTO code_text (cid, fid, pos0, pos1, owner, date, memo, seltext) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (code, *place, *said, work["words"]),
        )
    else:
        db.execute("INSERT INTO annotation (fid, pos0, pos1, owner, date, memo) VALUES (?, ?, ?, ?, ?, ?)",
                   (*place, *said))  # fmt: skip
    db.commit()


if __name__ == "__main__":
    main()
