"""Resolve the dependencies anew and write requirements/locked.txt: ``python scripts/lock.py`` (needs uv).

The lock is a requirements file with a SHA-256 for each file of each release, for every system and every Python that
the library supports, told apart by environment markers. So plain pip installs it and checks it; uv.lock would ask
every researcher for uv.
"""

import subprocess
import sys

from set_up import LOCK, ROOT, TORCH, without_torch

HEAD = """\
# Every release that a checkout of this library installs, with the checksums of its files; written by `make lock`.
# Install:  python scripts/set_up.py   (torch, which is not in here, comes first: the reason stands in that script)
"""


def main() -> None:
    """Write the lock."""
    resolved = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
         "--generate-hashes", "--extra", "all", "--extra", "dev", "--no-header", "--no-annotate", "--constraint", "-",
         str(ROOT / "pyproject.toml")],
        check=True, capture_output=True, text=True, input=f"torch=={TORCH}\n",
    )  # fmt: skip
    LOCK.parent.mkdir(exist_ok=True)
    LOCK.write_text(HEAD + without_torch(resolved.stdout), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
