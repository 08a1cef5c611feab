"""Which charset a page's bytes are in, where nobody names it and they are no UTF-8: told by the letters it gives."""

from __future__ import annotations

import codecs
import re

WESTERN = "cp1252"
_ESCAPED = (b"\x1b$B", b"\x1b$@", b"\x1b$)C")  # how the seven-bit charsets of East Asia switch
# Shares of bytes above ASCII among letters: below, a text may be Latin, or is nothing else.
_ACCENTED, _SELDOM = 0.35, 0.15
_LATIN = ("cp1252", "cp1250", "iso8859-2", "iso8859-15", "cp1254", "cp1257", "mac-roman")
_CYRILLIC = ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic")
_MARKS = frozenset("«»“”„‘’‚–—…€°§©®·•№\u00a0£½²³ª¿¡")
_WESTERN_LETTERS = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœßúùûüýÿðþÀÂÄÁÅÆÇÉÈÊÎÑÖØŒÜÚ")
# Letters beyond ASCII of languages whose charset is not the Western one.
_ALPHABETS = {
    "pl": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "cs": "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
    "sk": "áäčďéíĺľňóôŕšťúýžÁČĎÉÍĽŇÓŠŤÚÝŽ",
    "hu": "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "hr": "čćđšžČĆĐŠŽ",
    "sl": "čćđšžČĆĐŠŽ",
    "ro": "ăâîşţșțĂÂÎŞŢ",
    "tr": "çğıöşüâîÇĞİÖŞÜ",
    "lt": "ąčęėįšųūžĄČĘĖĮŠŲŪŽ",
    "lv": "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ",
}
_FREQUENT = frozenset("оеаинтсрвлкмдпу")  # about three of four letters of a text in any of these languages
_CYRILLIC_LETTERS = frozenset(chr(code) for code in range(0x410, 0x450)) | frozenset("ёЁіїєґІЇЄҐўЎјЈљњћђ")
_COMMON_SHARE = 0.6
_SOUND_SHARE = 0.93
_CASED_SHARE = 0.9
_SMALL_SHARE = 0.6
_WORD = re.compile(r"[^\W\d_]+")


def guess_charset(sample: bytes) -> str:
    """Return Python's name of the likeliest charset of `sample`; Windows-1252 where nothing tells."""
    high = sum(byte > 0x7F for byte in sample)
    letters = high + sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    if high < _ACCENTED * letters:
        latin, share = _guess_latin(sample)
        if share >= _SOUND_SHARE or high < _SELDOM * letters:
            return latin
    # charset-normalizer tells Greek, Arabic, Hebrew and East Asian charsets apart, but takes short Cyrillic for those.
    cyrillic = guess_cyrillic(sample)
    if cyrillic:
        return cyrillic
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return codecs.lookup(best.encoding).name if best else WESTERN


def find_escaped(sample: bytes) -> str | None:
    """Return the seven-bit charset of a page that switches alphabets by escapes, None where it does not."""
    if not sample.isascii() or not any(mark in sample for mark in _ESCAPED):
        return None
    return "iso2022_kr" if b"\x1b$)C" in sample else "iso2022_jp"


def guess_cyrillic(sample: bytes) -> str | None:
    """Return the charset in which `sample` is Cyrillic of the usual letters and case, None where there is none."""
    scores = {codec: _score_cyrillic(sample.decode(codec, "replace")) for codec in _CYRILLIC}
    best = max(_CYRILLIC, key=lambda codec: scores[codec])
    return best if scores[best] > 0 else None


def _score_cyrillic(text: str) -> float:
    high = [c for c in text if c > "\x7f"]
    cyrillic = [c for c in high if c in _CYRILLIC_LETTERS]
    sound = len(cyrillic) + sum(c in _MARKS for c in high)
    frequent = sum(c in _FREQUENT for c in "".join(cyrillic).lower())
    if (
        len(high) * 2 < len("".join(text.split()))
        or sound < _SOUND_SHARE * len(high)
        or frequent < _COMMON_SHARE * len(cyrillic)
    ):
        return 0.0
    words = _WORD.findall(text)
    cased = sum(word.islower() or word.isupper() or word.istitle() for word in words)
    small = sum(c.islower() for c in cyrillic)
    if cased < _CASED_SHARE * len(words) or small < _SMALL_SHARE * len(cyrillic):
        return 0.0
    return (frequent + small) / len(high)


def _guess_latin(sample: bytes) -> tuple[str, float]:
    """Return the charset whose letters are those of the language that the ASCII letters show, and their share."""
    from standpoint.pages.language import detect_language

    language = detect_language(sample.decode(WESTERN, "replace"))
    letters = frozenset(_ALPHABETS.get(language, "")) or _WESTERN_LETTERS
    high = bytes(byte for byte in sample if byte > 0x7F)

    def count_sound(codec: str) -> int:
        return sum(c in letters or c in _MARKS for c in high.decode(codec, "replace"))

    best = max(_LATIN, key=count_sound)  # the first of equal ones
    return best, count_sound(best) / max(1, len(high))
