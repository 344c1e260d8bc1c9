"""What the library is built on keeps its hands off the user's home and does not report home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ENCODE = "import lbc_themes as lbc; lbc.load_encoder('e5-small-zh').encode(['我也不知道咋说'])"
CHOICE = "import os, lbc_themes; print(os.environ['ORT_DISABLE_TELEMETRY'])"


def run_at(home: Path, script: str, **environment: str) -> str:
    places = {"HOME": str(home), "USERPROFILE": str(home), "XDG_CACHE_HOME": "", "ORT_DISABLE_TELEMETRY": ""}
    found = {name: value for name, value in {**os.environ, **places, **environment}.items() if value}
    return subprocess.run([sys.executable, "-c", script], env=found, check=True, capture_output=True, text=True).stdout


def test_encoding_leaves_no_file_in_an_empty_home(tmp_path: Path) -> None:
    """Without the switch, onnxruntime writes an identifier of the machine and a queue of reports there."""
    run_at(tmp_path, ENCODE, CI="")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(("before", "after"), [("", "1"), ("0", "0")])
def test_reports_of_onnxruntime_are_off_unless_the_user_says_otherwise(tmp_path: Path, before: str, after: str) -> None:
    assert run_at(tmp_path, CHOICE, ORT_DISABLE_TELEMETRY=before).strip() == after
