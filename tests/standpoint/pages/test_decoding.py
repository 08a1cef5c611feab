from __future__ import annotations

import codecs

import pytest

from standpoint.pages.decoding import decode_page

ENGLISH = "The envoy said: “We object.” It’s the third note in a week – and the last."
RUSSIAN = "Министерство заявило протест. Посол был вызван в министерство в девять часов утра, ему вручили ноту."


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_wins_and_stays(mark, codec):
    assert decode_page(mark + ENGLISH.encode(codec), "cp1251") == ("\ufeff" + ENGLISH, codec)


def test_named_charset_is_used():
    assert decode_page(RUSSIAN.encode("koi8-r"), "KOI8-R") == (RUSSIAN, "koi8-r")


def test_latin_1_means_windows_1252_as_browsers_read_it():
    assert decode_page(ENGLISH.encode("cp1252"), "ISO-8859-1") == (ENGLISH, "cp1252")


@pytest.mark.parametrize("charset", ["no-such", "base64", "unicode_escape", "punycode", "", "cp1251"])
def test_utf_8_where_the_charset_is_unknown_or_wrong(charset):
    text = "и" * 3 + "Ж\u0098" if charset == "cp1251" else ENGLISH
    assert decode_page(text.encode(), charset) == (text, "utf-8")


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "utf-16-le", "utf-16-be"])
def test_cyrillic_is_detected(codec):
    assert decode_page((RUSSIAN * 5).encode(codec))[0] == RUSSIAN * 5


def test_western_text_without_a_charset_is_windows_1252():
    assert decode_page(ENGLISH.encode("cp1252")) == (ENGLISH, "cp1252")


def test_page_cut_in_the_middle_of_a_character_stays_utf_8():
    text, encoding = decode_page((RUSSIAN + "ж").encode()[:-1])
    assert (text, encoding) == (RUSSIAN + "\ufffd", "utf-8")


def test_stray_zero_bytes_do_not_make_utf_16():
    text = "The council met on Monday.\x00\x00 It agreed.\x00"
    assert decode_page(text.encode()) == (text, "utf-8")


MINISTERS = {
    "pl": "Ministrowie nie zdołali się porozumieć w środę. Spotkają się ponownie w maju, powiedział rzecznik rządu.",
    "cs": "Ministři se ve středu nedohodli a znovu se sejdou v květnu. Mluvčí řekl, že jednání byla užitečná.",
    "hu": "A miniszterek szerdán nem tudtak megegyezni, és májusban újra találkoznak, közölte a szóvivő, ő maga.",
    "tr": "Bakanlar çarşamba günü anlaşamadı ve mayıs ayında yeniden buluşacak. Sözcü görüşmeleri yararlı buldu.",
    "el": "Οι υπουργοί δεν κατέληξαν σε συμφωνία την Τετάρτη και θα συναντηθούν ξανά τον Μάιο.",
    "ar": "لم يتمكن الوزراء من الاتفاق يوم الأربعاء، وسيجتمعون مرة أخرى في مايو. وقال المتحدث إن المحادثات كانت مفيدة.",
    "zh": "部长们周三未能达成一致,将于五月再次会晤。发言人说,会谈是有益的,双方同意继续就渔业问题进行磋商。",
    "ja": "大臣たちは水曜日に合意できなかった。五月に再び会談する予定である。報道官は会談は有益だったと述べた。",
    "ru": "Порт закрыт до понедельника.",
}


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *[(language, codec) for language in ("pl", "cs", "hu") for codec in ("iso8859-2", "cp1250")],
        ("tr", "cp1254"),
        ("el", "cp1253"),
        ("ar", "cp1256"),
        ("zh", "gb18030"),
        ("ja", "shift_jis"),
        ("ja", "euc-jp"),
        ("ja", "iso2022_jp"),
        ("ru", "cp1251"),
        ("ru", "koi8-r"),
    ],
)
def test_charsets_are_told_by_their_letters(language, codec):
    assert decode_page(MINISTERS[language].encode(codec))[0] == MINISTERS[language]


def test_sound_utf_8_is_believed_before_a_careless_server():
    assert decode_page(ENGLISH.encode(), "ISO-8859-1") == (ENGLISH, "utf-8")
