"""Which releases of which libraries a result was made with."""

import re
from importlib import metadata

_TOOLS = "dev"
"""The extra with tools for testing, which change no result."""


def library_versions() -> dict[str, str]:
    """Return the installed release of lbc_themes and of each library that it declares, core and extras.

    Libraries of extras that are not installed are left out; so are tools for testing.
    """
    found = {"lbc_themes": metadata.version("lbc_themes")}
    for requirement in metadata.requires("lbc_themes") or ():
        name = re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0]
        if re.search(rf"""extra\s*==\s*['"]{_TOOLS}['"]""", requirement):
            continue
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return dict(sorted(found.items()))
