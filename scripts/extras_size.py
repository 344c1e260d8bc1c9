"""Print what the core and each extra weigh where they are installed: ``python scripts/extras_size.py``.

An extra counts what it brings beyond the core: files of the distributions, without compiled copies (.pyc).
"""

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(requirements: list[str], extra: str = "") -> set[str]:
    """Return the names of the distributions that requirements bring, theirs included."""
    todo, names = [(Requirement(line), extra) for line in requirements], set[str]()
    while todo:
        requirement, wanted = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": wanted}):
            continue
        name = canonicalize_name(requirement.name)
        for part in ["", *requirement.extras]:
            if (key := f"{name}[{part}]") in names:
                continue
            try:
                needs = metadata.requires(name) or []
            except metadata.PackageNotFoundError:
                break
            names.add(key)
            todo += [(Requirement(line), part) for line in needs]
    return {key.split("[")[0] for key in names}


def megabytes(name: str) -> float:
    """Return the size of a distribution's files in MB."""
    paths = (Path(str(file.locate())) for file in metadata.files(name) or [] if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def main() -> None:
    """Print a line for the core and for each extra."""
    lines = metadata.requires("lbc_themes") or []
    core = closure([line for line in lines if "extra ==" not in line])
    print(f"core: {sum(map(megabytes, core)):.0f} MB in {len(core)} packages")
    for extra in metadata.metadata("lbc_themes").get_all("Provides-Extra") or []:
        brought = closure(lines, extra) - core
        largest = sorted(brought, key=megabytes, reverse=True)[:4]
        print(f"{extra}: {sum(map(megabytes, brought)):.0f} MB in {len(brought)} packages ({', '.join(largest)})")


if __name__ == "__main__":
    main()
