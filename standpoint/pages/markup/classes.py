"""What a tag, its class and its id say of what they hold: the reason to drop it, or that the article is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from standpoint.pages.markup.screens import is_hidden_on_screens, is_responsive, is_shown_on_screens

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = re.compile(r"[^a-z0-9]+")

# Tag -> reason, where the tag alone is enough.
_SURE_TAGS = {
    "nav": "navigation",
    "menu": "navigation",
    "button": "navigation",
    "select": "navigation",
    "datalist": "navigation",
    "dialog": "navigation",
    "label": "navigation",
    "footer": "footer",
    "noscript": "footer",
    "template": "footer",
    "figcaption": "caption",
    "video": "caption",
    "audio": "caption",
    "object": "caption",
    "head": "markup",
    "amp-ad": "advert",
    "amp-embed": "advert",
    "amp-sidebar": "navigation",
    "amp-consent": "footer",
    "amp-user-notification": "footer",
    "amp-social-share": "share",
}
_LIKELY_TAGS = {"aside": "teaser", "form": "navigation", "figure": "caption", "amp-list": "teaser", "header": ""}
_ROLES = {
    "navigation": "navigation",
    "banner": "navigation",
    "search": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "dialog": "navigation",
    "alertdialog": "footer",
    "contentinfo": "footer",
    "complementary": "teaser",
}
# Words of a class or an id -> reason. Asked in order, for each part of «article-comments» or «shareBar».
_WORDS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (reason, frozenset(words.split()))
    for reason, words in (
        (
            "comment",
            "comment comments commentlist commentform disqus respond replies discussion opinions talkback remarks"
            " kommentare kommentar commentaires comentarios комментарии",
        ),
        (
            "teaser",
            "related relatedposts recommend recommended recommendations recommends popular trending teaser teasers"
            " promo sidebar outbrain taboola readmore alsoread readalso similar mostread widget widgets infobox recirc"
            " recirculation onward upnext suggested secondary verwandte meistgelesen relacionadas relacionados"
            " leidas catcher",
        ),
        (
            "share",
            "share shares sharing sharebar sharedaddy addthis addtoany social socials soc compartir partager teilen",
        ),
        (
            "subscription",
            "newsletter subscribe subscription subscriptions signup paywall donate donation donations support",
        ),
        (
            "caption",
            "caption captions figcaption cap gallery slideshow carousel lightbox foto photo"
            " bildunterschrift bildtext legende leyenda",
        ),
        ("credit", "credit credits copyright"),
        ("byline", "byline bylines author authors writer contributor contributors autor autoren auteur firma"),
        (
            "navigation",
            "nav navbar navigation menu breadcrumb breadcrumbs crumbs pagination pager toc masthead topbar",
        ),
        ("footer", "footer foot ft ftr colophon cookie cookies consent gdpr legal disclaimer popup modal overlay"),
        ("advert", "ad ads adv advert adverts advertisement advertising sponsor sponsored banner"),
        ("tags", "tags taglist keywords hashtags etiquetas schlagworte"),
        ("footnote", "footnote footnotes endnote endnotes notes references reflist"),
        ("reactions", "reactions likes views rating ratings votes counter"),
        ("hidden", "hidden visuallyhidden invisible"),
    )
)
# Parts that turn such words around: the text beside a sidebar, an article without comments.
_OPPOSITES = frozenset(("has", "with", "no", "without", "open", "closed", "layout"))
_SCOPE = re.compile(
    r"\b(?:article|entry|post|story|news|page)[-_ ]?(?:body|content|text)\b|\barticlebody\b", re.IGNORECASE
)
# The judgement of a class needs a part of the page that such a class can name.
_NEVER_BY_CLASS = frozenset(("html", "body", "main", "article", "p", "h1", "tbody", "table", "tr", "blockquote"))


def judge_tag(name: str, attributes: Mapping[str, str]) -> tuple[str, bool] | None:
    """Return (reason, whether the tag is sure of it), None where neither tag nor attributes say anything."""
    if _is_hidden(name, attributes):
        return "hidden", True
    if name not in _NEVER_BY_CLASS and is_hidden_on_screens(attributes.get("class", "")):
        return "hidden", False
    if name in _SURE_TAGS:
        return _SURE_TAGS[name], True
    by_role = _ROLES.get(attributes.get("role", "").lower())
    if by_role:
        return by_role, False
    by_class = judge_class(attributes) if name not in _NEVER_BY_CLASS or name == "p" else None
    if name == "figure" and re.search(r"quote|table|embed-text", attributes.get("class", "")):
        return None
    reason = by_class or _LIKELY_TAGS.get(name)
    return (reason, False) if reason else None


def judge_class(attributes: Mapping[str, str]) -> str | None:
    """Return the reason that a class or an id names; utility classes and wrappers name none."""
    wide = is_shown_on_screens(attributes.get("class", ""))
    for value in (attributes.get("id", ""), *attributes.get("class", "").split()[:12]):
        parts = {part for part in _PARTS.split(_CAMEL.sub("-", value[:80]).lower()) if part}
        if parts & _OPPOSITES or is_responsive(value, wide):
            continue
        for reason, words in _WORDS:
            if parts & words:
                return reason
    return None


def is_scope(name: str, attributes: Mapping[str, str]) -> bool:
    """Tell an element that says it holds the article."""
    if name in ("article", "main") or attributes.get("role", "").lower() in ("main", "article"):
        return True
    named = f"{attributes.get('class', '')[:400]} {attributes.get('id', '')[:80]} {attributes.get('itemprop', '')[:80]}"
    return name not in ("html", "body") and bool(_SCOPE.search(named))


def _is_hidden(name: str, attributes: Mapping[str, str]) -> bool:
    if name in ("html", "body", "main", "article"):
        return False
    style = attributes.get("style", "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style
