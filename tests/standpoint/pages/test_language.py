from __future__ import annotations

import pytest

from standpoint.pages.language import detect_language
from standpoint.pages.reading import read_page

SENTENCES = {
    "en": "The ministers could not agree on Wednesday and will meet again in May.",
    "ru": "Министры не смогли договориться в среду и встретятся снова в мае.",
    "uk": "Міністри не змогли домовитися в середу і зустрінуться знову в травні.",
    "de": "Die Minister konnten sich am Mittwoch nicht einigen.",
    "fr": "Les ministres n'ont pas pu se mettre d'accord mercredi.",
    "es": "Los ministros no lograron ponerse de acuerdo el miércoles.",
    "it": "I ministri non hanno trovato un accordo mercoledì.",
    "pt": "Os ministros não chegaram a um acordo na quarta-feira.",
    "pl": "Ministrowie nie zdołali się porozumieć w środę.",
    "nl": "De ministers konden het woensdag niet eens worden.",
    "tr": "Bakanlar çarşamba günü anlaşamadı ve mayıs ayında yeniden buluşacak.",
    "zh": "部长们周三未能达成一致。",
    "ja": "大臣たちは水曜日に合意できなかった。",
    "ko": "장관들은 수요일에 합의하지 못했다.",
    "ar": "لم يتمكن الوزراء من الاتفاق يوم الأربعاء.",
    "fa": "وزیران روز چهارشنبه نتوانستند به توافق برسند.",
    "he": "השרים לא הצליחו להגיע להסכמה ביום רביעי.",
    "el": "Οι υπουργοί δεν κατέληξαν σε συμφωνία την Τετάρτη.",
    "hi": "मंत्री बुधवार को सहमत नहीं हो सके।",
}


@pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
def test_sentences(language, sentence):
    assert detect_language(sentence) == language


@pytest.mark.parametrize(
    "text",
    [
        "THE MINISTERS FAILED TO AGREE.",
        "Kızıltan, Özbek and Çelebi met in the harbour of Lorven.",
        "54 percent, up 3 from 2019, said 12,400 people.",
        "🇪🇺 The delegation of the Union was received by Ambassador Wójcik and Consul Müller. #Unity",
    ],
)
def test_english_with_capitals_names_and_numbers(text):
    assert detect_language(text) == "en"


@pytest.mark.parametrize("text", ["", "123", "...", "Ok", "👍", "Orra", "https://page.example/a"])
def test_too_little_text_is_undetermined(text):
    assert detect_language(text) == "und"


def test_two_languages_keep_theirs_and_short_lines_borrow():
    page = read_page("\n\n".join([SENTENCES["ru"], SENTENCES["en"], "We object."]).encode(), "page")
    assert [p.language for p in page.passages] == ["ru", "en", "en"]


BILINGUAL = [
    (("Der Rat tagt am Montag.", "de"), ("The council sits on Monday.", "en")),
    (("La prochaine réunion aura lieu à Tern.", "fr"), ("La próxima reunión tendrá lugar en Tern.", "es")),
    (("Tern lehnt das ab.", "de"), ("Nous sommes contre.", "fr")),
    (("Somos contra.", "pt"), ("We are against it.", "en")),
    (("Ми проти.", "uk"), ("We object.", "en")),
]


@pytest.mark.parametrize(("first", "second"), BILINGUAL)
def test_short_paragraphs_are_in_one_of_the_languages_of_their_page(first, second):
    pairs = [(SENTENCES[first[1]], first[1]), (SENTENCES[second[1]], second[1]), first, second]
    page = read_page("\n\n".join(text for text, _ in pairs).encode(), "page")
    assert [(p.text, p.language) for p in page.passages] == pairs
