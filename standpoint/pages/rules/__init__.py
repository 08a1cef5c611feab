"""The rules that drop a block, each a small function from a layout to (index, reason), in the order they are asked.

A rule sees what the rules before it dropped. The first reason given to a block stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from standpoint.pages.blocks import Layout
from standpoint.pages.rules.captions import find_captions
from standpoint.pages.rules.endings import find_endings
from standpoint.pages.rules.furniture import find_footers, find_navigation, find_shares, find_subscriptions
from standpoint.pages.rules.headings import find_headings
from standpoint.pages.rules.marks import (
    find_courtesies,
    find_dates,
    find_hashtags,
    find_links,
    find_ornaments,
    find_reactions,
)
from standpoint.pages.rules.people import find_bylines, find_contacts, find_disclaimers, find_profiles
from standpoint.pages.rules.readers import find_comments
from standpoint.pages.rules.repeats import find_repeats
from standpoint.pages.rules.speech import find_directions, find_labels
from standpoint.pages.rules.teasers import find_cut_teasers, find_dated_teasers, find_tails

Rule = Callable[[Layout], Iterator[tuple[int, str]]]

RULES: tuple[Rule, ...] = (
    find_ornaments,
    find_reactions,
    find_hashtags,
    find_links,
    find_dates,
    find_courtesies,
    find_shares,
    find_navigation,
    find_subscriptions,
    find_footers,
    find_captions,
    find_bylines,
    find_profiles,
    find_disclaimers,
    find_contacts,
    find_directions,
    find_labels,
    find_comments,
    find_tails,
    find_cut_teasers,
    find_dated_teasers,
    find_headings,
    find_endings,
    find_repeats,  # last: a copy in a teaser must not cost the article its own paragraph
)


def apply_rules(layout: Layout, without: Collection[str] = ()) -> None:
    """Fill `layout.dropped`. `without` names rules that are left out, for tests of what a rule does."""
    for rule in RULES:
        if rule.__name__ not in without:
            for index, reason in rule(layout):
                layout.dropped.setdefault(index, reason)
