"""Build wheel and sdist into dist/, check them, and try the wheel: ``python scripts/dist.py``.

The try installs the wheel with its core dependencies alone into a fresh environment, codes the demonstration interviews
outside the checkout, and prints what the environment weighs and how long it took.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a command; where it fails, end with its status."""
    if status := subprocess.run([str(part) for part in command], cwd=cwd, check=False).returncode:
        sys.exit(status)


def main() -> None:
    """Build, check, try."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT)
    run(sys.executable, "-m", "twine", "check", "--strict", *DIST.iterdir())
    for file in sorted(DIST.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    (wheel,) = DIST.glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        try_wheel(wheel, Path(folder))


def try_wheel(wheel: Path, folder: Path) -> None:
    """Install the wheel into a fresh environment and code the demonstration with it."""
    venv.create(folder / "venv", with_pip=True)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    begun = time.monotonic()
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    installed = time.monotonic() - begun
    files = [path for path in (folder / "venv").rglob("*") if path.is_file()]
    sizes = {path: path.stat().st_size for path in files if "pip" not in path.parts and "setuptools" not in path.parts}
    compiled = sum(size for path, size in sizes.items() if path.suffix == ".pyc")
    print(
        f"core installed in {installed:.0f} s: {(sum(sizes.values()) - compiled) / 1e6:.0f} MB of files, "
        f"{compiled / 1e6:.0f} MB of compiled copies of them"
    )
    run(python, "-m", "lbc_themes", "demo", "--out", folder / "demo", cwd=folder)


if __name__ == "__main__":
    main()
