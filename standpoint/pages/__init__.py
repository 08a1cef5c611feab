"""From a raw page to its passages: decoding, shapes, boilerplate, repeats, language, offsets."""

from standpoint.pages.language import detect_language
from standpoint.pages.page import Dropped, Page, Passage
from standpoint.pages.reading import read_page
from standpoint.pages.report import summarise

__all__ = ["Dropped", "Page", "Passage", "detect_language", "read_page", "summarise"]
