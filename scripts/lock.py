"""Resolve the dependencies anew and write requirements/locked.txt: ``python scripts/lock.py`` (needs uv).

The lock is a requirements file with a SHA-256 for each file of each release, for every system and every Python that
the library supports, told apart by environment markers. So plain pip installs it and checks it; uv.lock would ask
every researcher for uv.
"""

import subprocess
import sys
from pathlib import Path

from set_up import LOCK, ROOT, TORCH, without_torch

HEAD = """\
# Every release that a checkout of this library installs, with the checksums of its files; written by `make lock`.
# Install:  python scripts/set_up.py   (torch, which is not in here, comes first: the reason stands in that script)
"""


def resolved(source: Path, *options: str) -> str:
    """Return what a file of requirements comes to, for every system and supported Python, with checksums."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
         "--generate-hashes", "--no-header", "--no-annotate", "--constraint", "-", *options, str(source)],
        check=True, capture_output=True, text=True, input=f"torch=={TORCH}\n",
    )  # fmt: skip
    return HEAD + without_torch(done.stdout)


def main() -> None:
    """Write both locks: of the library with its extras and tools, and of the documentation site."""
    library = resolved(ROOT / "pyproject.toml", "--extra", "all", "--extra", "dev")
    LOCK.write_text(library, encoding="utf-8", newline="\n")
    site = resolved(LOCK.with_name("docs.in"))
    LOCK.with_name("docs.txt").write_text(site, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
