"""Set up an environment for working on lbc_themes: ``python scripts/set_up.py [--venv .venv] [--resolution locked]``.

Works with the standard library alone, on Linux, macOS and Windows; needs neither make nor git.

- ``locked``: exactly the files of requirements/locked.txt, checked by their SHA-256 (the default).
- ``latest``: the newest releases that pyproject.toml allows.
- ``lowest``: the lowest releases that pyproject.toml declares.

torch is not in the lock, since its builds for the CPU alone come from an index of its own with other checksums, and the
default build for Linux brings several gigabytes for graphics cards. It is installed first, in the version of
``TORCH``: from where pip is configured to look on disk, else from the CPU index, else from pip's own index.
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "locked.txt"
TORCH = "2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
SUPPORTED = (3, 11)


def main() -> None:
    """Make the environment and install the library into it, editable, with every extra and the tools for testing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="folder of the environment (.venv)")
    parser.add_argument("--resolution", choices=("locked", "latest", "lowest"), default="locked")
    asked = parser.parse_args()
    if sys.version_info < SUPPORTED:
        needed = ".".join(map(str, SUPPORTED))
        sys.exit(
            f"lbc_themes needs Python {needed} or newer; this is {sys.version.split()[0]}: run this with a newer one"
        )
    python = make_environment(asked.venv)
    install_torch(python)
    if asked.resolution == "locked":
        pip(python, "install", "--no-deps", "--require-hashes", "--requirement", str(LOCK))
        pip(python, "install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    elif asked.resolution == "latest":
        pip(
            python,
            "install",
            "--upgrade",
            "--upgrade-strategy",
            "eager",
            *keep_torch(),
            "--editable",
            f"{ROOT}[all,dev]",
        )
    else:
        pip(python, "install", "--requirement", str(lowest(python, asked.venv)))
        pip(python, "install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def make_environment(folder: Path) -> Path:
    """Make a virtual environment where there is none and return the path of its interpreter."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run pip in the environment; where it fails, end with its status."""
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if status := subprocess.run(command, check=False).returncode:
        sys.exit(status)


def keep_torch() -> list[str]:
    """Return requirements that hold pip at the installed torch, whose newest default build is for graphics cards."""
    return [f"torch=={TORCH}"]


def install_torch(python: Path) -> None:
    """Install the CPU build of torch, unless there is a torch already."""
    if subprocess.run([str(python), "-c", "import torch"], check=False, capture_output=True).returncode == 0:
        return
    wanted = f"torch=={TORCH}"
    attempts: list[list[str]] = []
    if sys.platform == "linux":
        index = os.environ.get("LBC_TORCH_INDEX", CPU_INDEX)
        attempts = [
            ["--only-binary", ":all:", "--no-index", "--no-deps"],
            ["--timeout", "10", "--retries", "0", "--no-deps", "--index-url", index],
        ]
    for options in attempts:
        command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *options, wanted]
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            return
    if attempts:
        print("the CPU index of torch can't be reached; installing torch from pip's own index", file=sys.stderr)
    pip(python, "install", wanted)


def lowest(python: Path, folder: Path) -> Path:
    """Resolve to the lowest releases that pyproject.toml declares (what those need in turn is the newest)."""
    pip(python, "install", "uv")
    resolved = folder / "lowest.txt"
    subprocess.run(
        [str(python), "-m", "uv", "pip", "compile", "--quiet", "--resolution", "lowest-direct", "--extra", "all",
         "--extra", "dev", "--no-header", "--output-file", str(resolved), str(ROOT / "pyproject.toml")],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    resolved.write_text(without_torch(resolved.read_text(encoding="utf-8")), encoding="utf-8")
    return resolved


def without_torch(requirements: str) -> str:
    r"""Return requirements without torch and what only its builds for graphics cards need.

    >>> without_torch("a==1\ntorch==2.13.0\n    # via a\nnvidia-cublas==13\nb==2\n")
    'a==1\nb==2\n'
    """
    kept: list[str] = []
    keep = True
    for line in requirements.splitlines(keepends=True):
        if line[:1].isalnum():
            name = line.split("==")[0].strip()
            keep = name not in {"torch", "triton"} and not name.startswith(("nvidia-", "cuda-"))
        if keep:
            kept.append(line)
    return "".join(kept)


if __name__ == "__main__":
    main()
