"""Libraries that take an article out of HTML, each as a function from (page, its language) to paragraphs.

Settings are those that the library's documentation gives for article text without comments; where a library can be
tuned toward recall or precision, each is a peer of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

Extractor = Callable[[str, str], list[str]]

_LINE_END = re.compile(r"\s*\n\s*")
_BLOCKS = "p|li|h[1-6]|blockquote|pre|td|th|figcaption|dd|dt|div|br"
_NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "ru": "Russian"}


@dataclass(frozen=True)
class Peer:
    """A library as it is called here. `package` is its name on PyPI, `module` what is imported."""

    name: str
    package: str
    module: str
    settings: str
    extract: Extractor

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None

    @property
    def version(self) -> str:
        return version(self.package)


def split_lines(text: str | None) -> list[str]:
    return [line for line in _LINE_END.split(text or "") if line.strip()]


def _trafilatura(**settings: bool) -> Extractor:
    def extract(page: str, _: str) -> list[str]:
        import trafilatura

        return split_lines(trafilatura.extract(page, include_comments=False, **settings))

    return extract


def extract_resiliparse(page: str, _: str) -> list[str]:
    from resiliparse.extract.html2text import extract_plain_text

    return split_lines(extract_plain_text(page, main_content=True, alt_texts=False, list_bullets=False))


def extract_readability(page: str, _: str) -> list[str]:
    import html

    from readability import Document

    summary = re.sub(rf"</?(?:{_BLOCKS})\b[^<>]*>", "\n", Document(page).summary(html_partial=True).replace("\n", " "))
    return split_lines(html.unescape(re.sub(r"<[^<>]*>", "", summary)))


def _justext(**settings: float) -> Extractor:
    def extract(page: str, language: str) -> list[str]:
        import justext

        stoplist = justext.get_stoplist(_NAMES.get(language, "English"))
        return [text.text for text in justext.justext(page, stoplist, **settings) if not text.is_boilerplate]

    return extract


def _boilerpy(name: str) -> Extractor:
    def extract(page: str, _: str) -> list[str]:
        from boilerpy3 import extractors

        return split_lines(getattr(extractors, name)(raise_on_failure=False).get_content(page))

    return extract


def extract_newspaper(page: str, language: str) -> list[str]:
    import newspaper

    article = newspaper.Article("https://page.example/", language=language, fetch_images=False)
    article.download(input_html=page)
    article.parse()
    return split_lines(article.text)


def extract_goose(page: str, language: str) -> list[str]:
    from goose3 import Goose

    settings = {"enable_image_fetching": False, "use_meta_language": False, "target_language": language}
    with Goose(settings) as goose:
        return split_lines(goose.extract(raw_html=page).cleaned_text)


PEERS = (
    Peer("trafilatura", "trafilatura", "trafilatura", "include_comments=False", _trafilatura()),
    Peer(
        "trafilatura, precision",
        "trafilatura",
        "trafilatura",
        "include_comments=False, favor_precision=True",
        _trafilatura(favor_precision=True),
    ),
    Peer(
        "trafilatura, recall",
        "trafilatura",
        "trafilatura",
        "include_comments=False, favor_recall=True",
        _trafilatura(favor_recall=True),
    ),
    Peer("resiliparse", "resiliparse", "resiliparse", "main_content=True, alt_texts=False", extract_resiliparse),
    Peer("readability-lxml", "readability-lxml", "readability", "summary(html_partial=True)", extract_readability),
    Peer("jusText", "jusText", "justext", "stoplist of the page's language", _justext()),
    Peer(
        "jusText, short",
        "jusText",
        "justext",
        "stoplist of the page's language, length_low=40, length_high=100 (by default it needs 200 characters)",
        _justext(length_low=40, length_high=100),
    ),
    Peer("boilerpy3, article", "boilerpy3", "boilerpy3", "ArticleExtractor", _boilerpy("ArticleExtractor")),
    Peer("boilerpy3, default", "boilerpy3", "boilerpy3", "DefaultExtractor", _boilerpy("DefaultExtractor")),
    Peer("newspaper4k", "newspaper4k", "newspaper", "language of the page, fetch_images=False", extract_newspaper),
    Peer("goose3", "goose3", "goose3", "language of the page, no images", extract_goose),
)
