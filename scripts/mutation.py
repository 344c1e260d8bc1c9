"""Mutation testing with mutmut, do tests notice a change of the source? ``python scripts/mutation.py [PACKAGE ...]``.

In a copy under build/mutation each function of a package is changed in one place at a time, and the tests that reach
it are run. What survives is listed, to be read: a missing test, or a change that makes no difference (``zip(strict=)``
where the lengths are always equal, say). The exit code is 1 where less than ``--at-least`` of the changes are noticed.
Needs a system that forks (Linux, macOS).
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutation"
PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "agreement": ("lbc_themes/agreement", ("tests/agreement/test_*.py", "tests/study/test_compare.py")),
    "study": ("lbc_themes/study", ("tests/study/test_*.py", "tests/cli/test_study*.py")),
    "exchange": ("lbc_themes/exchange", ("tests/exchange/test_*.py", "tests/cli/test_study_exchange.py")),
    "privacy": ("lbc_themes/safeguards/privacy", ("tests/safeguards/test_privacy*.py",)),
    "suggest": ("lbc_themes/suggest", ("tests/suggest/test_*.py",)),
    "segmenting": ("lbc_themes/segmenting", ("tests/segmenting/test_*.py",)),
}
"""The source of a package and its tests."""


def main() -> None:
    """Change each package, count what was noticed and list what was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"by default all: {', '.join(PACKAGES)}")
    parser.add_argument("--at-least", type=float, default=0.85, help="share that must be noticed (0.85)")
    parser.add_argument("--seconds", type=float, default=3600, help="bound on the time for each package (3600)")
    asked = parser.parse_args()
    too_few = []
    for name in asked.packages or PACKAGES:
        outcomes = mutate(name, asked.seconds)
        counts = Counter(outcomes.values())
        tried = sum(counts.values()) - counts["not tried"]
        noticed = tried - counts["survived"]
        share = noticed / max(tried, 1)
        print(f"{name}: {noticed} of {tried} changes noticed ({share:.1%}); not tried: {counts['not tried']}")
        print("".join(f"    {key}\n" for key, outcome in outcomes.items() if outcome == "survived"))
        print(f"One of them: cd {WORK / name} && {sys.executable} -m mutmut show NAME")
        if noticed < asked.at_least * tried:
            too_few.append(name)
    sys.exit(1 if too_few else 0)


def mutate(name: str, seconds: float) -> dict[str, str]:
    """Return what became of each change of a package: "noticed", "survived" or "not tried"."""
    source, patterns = PACKAGES[name]
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    left_out = shutil.ignore_patterns(".git", ".venv*", "build", "dist", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=left_out)
    tests = [str(path.relative_to(folder)) for pattern in patterns for path in sorted(folder.glob(pattern))]
    settings = {"paths_to_mutate": [f"{source}/"], "tests_dir": tests}
    copied = sorted(path.name for path in folder.iterdir() if path.name not in {"pyproject.toml", "mutants"})
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**settings, "also_copy": copied}.items()]
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8").replace('testpaths = ["tests", "lbc_themes"]', 'testpaths = ["tests"]')
    project.write_text(f"{text}\n[tool.mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mutmut", "run"]
    try:
        subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"{name}: ended after {seconds:.0f} s", file=sys.stderr)
    outcomes: dict[str, str] = {}
    for meta in sorted((folder / "mutants").rglob("*.meta")):
        for key, code in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items():
            outcomes[key] = "not tried" if code is None else "survived" if code in {0, 33} else "noticed"
    return outcomes


if __name__ == "__main__":
    main()
