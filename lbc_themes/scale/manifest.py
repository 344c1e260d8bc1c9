"""What a run was asked for and over which parts, so that a killed run goes on and another is refused."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_folder, write_private
from lbc_themes.core.messages import message
from lbc_themes.scale.plan import Options

NAME = "manifest.json"
FORMAT = "lbc-scale/1"


def taken_up(out: Path, options: Options, parts: Sequence[Path]) -> None:
    """Begin a run in ``out``, or go on with the one that was begun there; refuses another run's folder."""
    wanted = {
        "format": FORMAT,
        "options": asdict(options),
        "parts": [{"name": part.name, "bytes": part.stat().st_size} for part in parts],
    }
    path = out / NAME
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        differing = [key for key in wanted if found.get(key) != wanted[key]]
        if differing:
            raise InputError(message("scale.holds_run_other_give", out=out, differing=" and ".join(differing)))
        return
    if out.exists() and any(out.iterdir()):
        raise InputError(message("scale.empty_holds_no_run", out=out))
    written(path, wanted)


def written(path: Path, content: dict[str, Any]) -> Path:
    """Write JSON beside ``path`` and put it in place in one step."""
    private_folder(path.parent)
    write_private(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return path
