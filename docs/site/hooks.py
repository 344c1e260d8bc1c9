"""For the documentation site: links between languages and out of docs/.

In the repository a page links to the page of its own language by name (X.zh-CN.md); on the site the plug-in for
languages does that, and its switch replaces the link to the other language at the head of a page.
"""

import posixpath
import re
from typing import Any

_SWITCH = re.compile(r"^\[(?:中文|English|中文说明)\]\([^)]*\)\n", re.MULTILINE)
_LINK = re.compile(r"(\]\()((?:\.\./)+[^)\s]*)(\))")


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:  # noqa: ANN401, ARG001 (mkdocs)
    """Return the page with links that the site can follow; what lies outside docs/ is linked in the repository."""

    def outside(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page.file.src_uri), found[2]))
        return found[0] if path.startswith("docs/") else f"{found[1]}{config.repo_url}/blob/main/{path}{found[3]}"

    return _LINK.sub(outside, _SWITCH.sub("", markdown, count=1)).replace(".zh-CN.md", ".md")
