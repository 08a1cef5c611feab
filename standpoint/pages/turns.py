"""Speakers' labels as records write them: «Mr. Alder (Norland):», «MINISTER KELL —», «M. le président.», and alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from standpoint.pages.speakers import LABEL

_TITLES = (
    r"Mr|Mrs|Ms|Miss|Mx|Messrs|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Baroness|Baron|Viscount|Earl|Rt\.? Hon|Hon"
    r"|Honourable"
    r"|H\.E|Senator|Sen|Representative|Rep|Congressman|Congresswoman|Delegate|Minister|Prime|Premier|President"
    r"|Vice-President|Deputy|Chair|Chairman|Chairwoman|Chairperson|Co-Chair|Acting|Temporary|Speaker|Secretary"
    r"|Secretary-General|Ambassador|Judge|Justice|Magistrate|Commissioner|Councillor|Councilor|Councilman|Councilwoman"
    r"|Cllr|Ald|Alderman|Mayor|Governor|General|Colonel|Captain|Rapporteur|Clerk|Witness|Counsel|Moderator|Member"
    r"|Members|(?:Several|Some|An) [Hh]on|Rev|Father|Bishop"
    r"|Herr|Frau|Abg|Abgeordnete[rn]?|Präsident(?:in)?|Vizepräsident(?:in)?|Alterspräsident(?:in)?|Minister(?:in)?"
    r"|Staatsminister(?:in)?|Staatssekretär(?:in)?|Bundes\w+|Landes\w+|Senator(?:in)?|Landrat|Landrätin|Vorsitzende[r]?"
    r"|Ministerpräsident(?:in)?|Stellvertretende[r]?|Bürgermeister(?:in)?|Oberbürgermeister(?:in)?|Stadtrat|Stadträtin"
    r"|M|MM|Mme|Mmes|Mlle|Me|Monsieur|Madame|Président|Présidente"
    r"|Sr|Sra|Srta|(?:El|La) (?:señora?|Sra?)|D|Dª|Don|Doña|Señor|Señora|Presidente|Presidenta|Diputado|Diputada"
    r"|Senador|Senadora"
    r"|Г-н|Г-жа|Господин|Госпожа|Председатель|Председательствующий|Председательствующая|Депутат|Министр|Сенатор"
)
_WORD = r"[^\W\d_a-zà-öø-ÿа-яё][\w'’.-]*"
_PARTICLE = (
    r"(?:of|the|for|de|da|di|del|della|des|du|la|le|les|el|los|las|y|e|et|und|and|von|van|der|den|dem|zu|zur|für|al"
    r"|bin|ibn|pro|tem|tempore"
    r"|señor|señora|ministre|président|présidente|rapporteur|rapporteure|secrétaire|d['’]\w+|l['’]\w+|по|и|делам)"
)
_NAME = rf"{_WORD}(?:,? (?:{_WORD}|{_PARTICLE})){{0,11}}"
_PARENS = r"(?:\s?[(\[][^()\[\]\n]{1,90}[)\]]){0,3}"
_ENDS = (
    ("colon", r"\s?:(?=\s|$)"),
    ("stop-dash", r"\.\s?[–—-](?=\s)"),
    ("dash", r"\s?(?:—|–|--|-)(?=\s)"),
    ("stop", r"\.(?=\s)"),
)
# An office behind a name: «Mme Lorrain, ministre des transports».
_OFFICE = r"(?P<office>, [^\W\d_][^:.;()\[\]–—\n]{2,90})?"
# Before a full stop only titles and initials have one of their own.
_SHORT = (
    r"(?:(?:Mr|Mrs|Ms|Mx|Dr|Hon|Prof|Sen|Rep|Gen|Lt|Col|Capt|Amb|Gov|Sr|Sra|M|MM|St|Jr|[^\W\d_a-zà-öø-ÿа-яё])\."
    r"|[^\W\d_a-zà-öø-ÿа-яё][\w'’-]*)"
)
_STOP_NAME = _NAME.replace(_WORD, _SHORT)
_LABEL = {
    kind: re.compile(
        rf"(?P<name>{_STOP_NAME if kind in ('stop', 'stop-dash') else _NAME}{_PARENS}{_OFFICE}{_PARENS}){end}"
        r"\s*(?:[–—-]\s+)?"
    )
    for kind, end in _ENDS
}
_ALONE = re.compile(rf"(?P<name>{_NAME}(?:\s?[(\[][^()\[\]\n]{{1,90}}[)\]]){{1,3}})\s?:?$")
_NAME_ALONE = re.compile(_NAME)
_TITLED = re.compile(rf"(?:{_TITLES})\b\.?(?=\s|$)|(?:{_TITLES})$", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:the )?(?:acting |deputy |vice-|vice |temporary |co-)?(?:(?:president|speaker)(?: pro tem(?:pore)?)?"
    r"|chair(?:man|woman|person)?|clerk"
    r"|presiding officer"
    r"|moderator|court|witness|mayor|secretary|spokesperson|rapporteur|präsident(?:in)?|vorsitzende[r]?|председатель\w*"
    r"|le président|la présidente|président|présidente|el presidente|la presidenta|presidente|presidenta)",
    re.IGNORECASE,
)
_COUNTRY = re.compile(r"\([^()]+\)")
# Words before a colon that begin a list, a vote or a heading, and name nobody.
_NO_NAME = re.compile(
    r"(?:in favou?r|against|abstain|abstention|absent|present|ayes?|noes?|nays?|yeas?|tellers|question|motion|amendment"
    r"|agenda|item|note|subject|date|time|place|venue|source|see|resolution|decision|document|annex|table|figure|re"
    r"|members"
    r"|attendance|apologies|in attendance|also present|witnesses|vote|result|members present|staff|pairs|recorded vote"
    r"|dafür|dagegen|enthaltungen|ja|nein|anwesend|tagesordnung|pour|contre|présents?|a favor|en contra|abstenciones"
    r"|за|против"
    r"|воздержал\w*|повестка|first|second|third|finally|however|therefore|chapter|article|section|part|by|exhibit)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:Mr|Mrs|Ms|Madam|Madame|Monsieur|Herr|Frau)\.? (?:President|Speaker|Chair\w*|Präsident\w*)$")
_OFFICE_ALONE = re.compile(
    r"(?:Prime|Deputy|Acting|Vice-President|Minister|President|Members?|General|Captain)(?: \w+){0,3}"
)
_QUESTION = re.compile(r"(?:Q|A|QUESTION|ANSWER)(?:[.:]\s*|\s{2,})(?=\S)")
_EXAMINED = re.compile(r"(?:BY|DIRECT|CROSS|REDIRECT|EXAMINATION)\b.{0,60}:?$")
_LOOK = 240  # characters in which a label ends
_FEWEST = 3  # labels of one kind that make it the record's own


@dataclass(frozen=True)
class Convention:
    """How a record marks its turns: the kinds of ends that its labels have, and the names that come again."""

    kinds: frozenset[str]
    names: frozenset[str]
    examined: bool  # questions and answers marked Q and A


def learn_convention(texts: Iterable[str]) -> Convention:
    """Count the labels that begin lines, and return what the record uses."""
    counts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for text in texts:
        for kind in _LABEL:
            name = _match_label(text, kind)
            if name:
                counts[kind] += 1
                names[_bare_name(name)] += 1
                break
        if _QUESTION.match(text):
            questions[text[0]] += 1
    kinds = {kind for kind in counts if counts[kind] >= _FEWEST}
    if counts["colon"] >= 2 or not kinds:
        kinds.add("colon")
    if "stop" in kinds and counts["stop"] < counts["colon"]:
        kinds.remove("stop")
    return Convention(
        frozenset(kinds),
        frozenset(name for name, count in names.items() if count >= 2),
        min(questions["Q"], questions["A"]) >= 2,
    )


def split_turn(text: str, convention: Convention) -> tuple[str | None, str]:
    """Return (speaker, what is said), or (None, text); what is said is empty where the label stands alone."""
    for kind, pattern in _LABEL.items():
        if kind not in convention.kinds:
            continue
        name = _match_label(text, kind, convention.names)
        if name:
            match = pattern.match(text[:_LOOK])
            return name, text[match.end() :].strip() if match else text
    return None, text


def begins_turn(text: str, convention: Convention) -> bool:
    """Tell a line that begins a turn, a question or an answer."""
    if convention.examined and _QUESTION.match(text):
        return True
    return split_turn(text, convention)[0] is not None


def is_question(text: str, convention: Convention) -> bool:
    return convention.examined and bool(_QUESTION.match(text))


def is_strong_label(text: str) -> bool:
    """Tell a label by itself: a title or an office, or a name with a country, before a colon or a dash."""
    for kind in ("colon", "stop-dash", "dash"):
        name = _match_label(text, kind)
        if name and (kind == "stop-dash" or _TITLED.match(name) or _ROLE.match(name) or _COUNTRY.search(name)):
            return True
    return _match_label(text, "stop") is not None


def find_lone_label(text: str) -> str | None:
    """Return the name of a line that holds a name with a party, seat or office in brackets and nothing else."""
    match = _ALONE.match(text) if len(text) <= 120 else None
    if not match or _NO_NAME.match(text):
        return None
    return match["name"] if len(_COUNTRY.sub("", match["name"]).split()) >= 2 else None


def is_name_alone(text: str) -> bool:
    """Tell a line of two words or more that can be a speaker's name or office, without a seat or a party."""
    named = len(text) <= 80 and _NAME_ALONE.fullmatch(text) is not None and not _NO_NAME.match(text)
    return named and sum(len(word) >= 3 for word in text.split()) >= 2


def is_titled(text: str) -> bool:
    return bool(_TITLED.match(text))


def _bare_name(name: str) -> str:
    return " ".join(_COUNTRY.sub("", name).split()).casefold()


def _match_label(text: str, kind: str, names: frozenset[str] = frozenset()) -> str | None:
    """Return the name before the end of a label, None where it is none."""
    match = _LABEL[kind].match(text[:_LOOK])
    if not match:
        return None
    name = match["name"]
    if _NO_NAME.match(name) or LABEL.match(name) or len(name) > 200 or _EXAMINED.match(name):
        return None
    bare = _COUNTRY.sub("", name.removesuffix(match["office"] or "")).strip(" ,")
    if kind == "stop" and (_ADDRESS.match(bare) or not _is_stop_label(bare)):
        return None
    words = bare.split()
    if _ROLE.fullmatch(bare) or (len(words) >= 2 and _TITLED.match(bare)) or (bare.isupper() and len(bare) >= 3):
        return name
    capital = sum(word[:1].isupper() for word in words)
    known = _bare_name(name) in names
    if kind in ("dash", "stop"):  # a dash and a full stop stand behind much else
        return name if known and capital >= 2 else None
    return name if (known and capital) or (capital >= 2 and capital >= len(words) - 3) else None


def _is_stop_label(bare: str) -> bool:
    """Tell a label that ends in a full stop: an office with its article, or a title and a name."""
    words = bare.split()
    if _ROLE.fullmatch(bare):
        return len(words) >= 2
    return bool(_TITLED.match(bare)) and 2 <= len(words) <= 8 and not _OFFICE_ALONE.fullmatch(bare)
