"""Run a notebook without Jupyter and keep what its cells show: python scripts/run_notebook.py docs/notebook.ipynb."""

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

Cell = dict[str, Any]


def run_notebook(path: Path) -> dict[str, Any]:
    """Return the notebook at ``path`` with its code cells run in order, in its own folder, and their outputs in it."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    held: dict[str, Any] = {"__name__": "__main__"}
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with contextlib.chdir(path.parent):
        for number, cell in enumerate(code, 1):
            cell["execution_count"], cell["outputs"] = number, _outputs("".join(cell["source"]), held, number)
    return notebook


def _outputs(source: str, held: dict[str, Any], number: int) -> list[Cell]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said, value = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, f"<cell {number}>", "exec"), held)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"<cell {number}>", "eval"), held)
    outputs: list[Cell] = []
    if said.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": _lines(said.getvalue())})
    if value is not None:
        data = {"text/plain": _lines(repr(value))}
        if hasattr(value, "_repr_html_"):
            data = {"text/html": _lines(value._repr_html_()), **data}
        outputs.append({"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data})
    return outputs


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(json.dumps(run_notebook(file), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
