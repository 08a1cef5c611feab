"""What a site adds below an article without saying so: single sentences among its furniture."""

from __future__ import annotations

from collections.abc import Iterator

from standpoint.pages.blocks import Layout
from standpoint.pages.rules.teasers import resumes

# Not teasers and dates, which also stand in the middle of articles.
_FURNITURE = frozenset(
    ("share", "navigation", "subscription", "footer", "contact", "profile", "disclaimer", "comment", "byline")
)
_ENOUGH = 2  # kinds of furniture between the article and what is taken for its ending
_BODY = 400  # characters of a page that can have such an ending


def find_endings(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop lone sentences below the last stretch of prose of a page, where furniture stands between.

    Pages of short posts have no such stretch, and lose nothing.
    """
    last = next((i for i in reversed(layout.kept()) if resumes(layout, i)), None)
    if last is None or sum(layout.blocks[i].size for i in layout.kept()) < _BODY:
        return
    kinds: set[str] = set()
    for i in range(last + 1, len(layout.blocks)):
        if i in layout.dropped:
            kinds |= {layout.dropped[i]} & _FURNITURE
        elif len(kinds) >= _ENOUGH:
            yield i, "footer"
