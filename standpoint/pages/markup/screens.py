"""Utility classes that show an element on some screens only. A page is read as a wide screen shows it."""

from __future__ import annotations

import re

_SMALL = r"(?:xxs|xs|sm|small|phones?|mobiles?|handhelds?|smartphones?|print|amp)"
_LARGE = r"(?:md|lg|xl|xxl|2xl|medium|large|desktops?|wide|widescreen|screen)"
_ANY = rf"(?:{_SMALL}|{_LARGE}|tablets?|portrait|landscape)"
_SHOWN = r"(?:block|flex|inline|inline-block|inline-flex|grid|table|contents)"
# Hidden, or shown, on screens of one size.
_RESPONSIVE = re.compile(
    rf"(?:\w+-)?(?:hidden|hide|hide-for|hide-on|hidden-on|visible|show|show-for|show-on)-{_ANY}(?:-(?:up|down|only|{_SHOWN}))?"
    rf"|{_ANY}[-:](?:hidden|hide|only|visible|show)|(?:d-)?{_ANY}[-:]{_SHOWN}|d-{_ANY}-\w+|(?:hidden|d-none)"
)
# Not shown on wide screens.
_NARROW = re.compile(
    rf"(?:visible|show|show-for|show-on)-{_SMALL}(?:-(?:only|{_SHOWN}))?|{_SMALL}[-:]only|only-{_SMALL}"
    rf"|(?:\w+-)?(?:hidden|hide|hide-for|hide-on|hidden-on)-{_LARGE}(?:-up)?|{_LARGE}[-:](?:hidden|hide)|d-{_LARGE}-none"
    rf"|d-print-{_SHOWN}"
)
_WIDE = re.compile(
    rf"(?:{_LARGE}|sm)[-:]{_SHOWN}|d-(?:{_LARGE}|sm)-{_SHOWN}"
    rf"|(?:visible|show|show-for|show-on)-{_LARGE}(?:-(?:up|only|{_SHOWN}))?|{_LARGE}[-:](?:only|visible|show)"
)


def is_responsive(name: str, wide: bool) -> bool:
    """Tell a class that says on which screens an element is shown, and nothing of what it holds.

    `wide`: a class beside it shows the element on wide screens, so that «hidden» means narrow ones.
    """
    return (wide or name not in ("hidden", "d-none")) and bool(_RESPONSIVE.fullmatch(name.lower()))


def is_shown_on_screens(names: str) -> bool:
    """Tell classes by which a wide screen shows an element that another one hides."""
    return any(_WIDE.fullmatch(name) for name in names.lower().split()[:12])


def is_hidden_on_screens(names: str) -> bool:
    """Tell classes by which a wide screen does not show an element."""
    classes = names.lower().split()[:12]
    if is_shown_on_screens(names):
        return False
    return "d-none" in classes or any(_NARROW.fullmatch(name) for name in classes)
