"""The record shape: parliaments, councils, courts and conferences word for word, with labels, events and votes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice, takewhile

from standpoint.pages import lexicon, orders, procedure, signs
from standpoint.pages.blocks import Block, Layout, split_lines
from standpoint.pages.chairs import BRACKETED, judge_turn
from standpoint.pages.excision import cut_marks
from standpoint.pages.rules import apply_rules
from standpoint.pages.shape import Span
from standpoint.pages.sheets.cutting import cut_sheets
from standpoint.pages.sheets.paragraphs import build_paragraphs
from standpoint.pages.sheets.reading import read_sheets
from standpoint.pages.turns import (
    Convention,
    begins_turn,
    find_lone_label,
    is_name_alone,
    is_question,
    is_strong_label,
    is_titled,
    learn_convention,
    split_turn,
)

_SAMPLE = 4000  # lines by which the shape is told
_LABELS = 3  # labels that make a record where its procedure is told too
_EVENTS = 2
_FRAMES = 2  # lines that say when a meeting began and ended
_EVENT_SIZE = 330  # characters of a block that tells what happened
_FORMULA_SIZE = 600  # characters of a chair's words that hold no statement
_CAPITALS = 0.7  # share of words with a capital in such a list
_ROLL_SIZE = 1500  # characters of a list of names
_MARGIN = re.compile(r"\d{1,3}\s+(?=\S)")
_CLOCK = re.compile(r"\{time\}\s*\d{3,4}|[\[(]?\d{1,2}[.:]\d{2}(?:[.:]\d{2})?(?: ?[ap]\.?m\.?| Uhr| h)?[\])]?")
# When something was said, behind a label or within a turn.
_STAMP = re.compile(r"\[\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]\.?m\.?)?\]\s*")
_DATE_SIZE = 160  # characters of a line of date and place
_DATE_WORDS = 3  # with which it begins
# A label with such a time behind it, which only a record of a court writes.
_TIMED_LABEL = re.compile(r"[^\W\d_a-z][^:\[\]]{1,60}[:.] \[\d{1,2}:\d{2}:\d{2}\]")
# What a site puts below a speaker's name: a seat and a party, and a button.
_SEAT = re.compile(r"(?:[(\[][^()\[\]]{1,60}[)\]]\s*){1,3}|share this contribution", re.IGNORECASE)
# In brackets behind a name, and no part of it.
_ASIDE = re.compile(
    r"\s*[\[(](?:\d{1,2}[.:]\d{2}(?:[.:]\d{2})?(?: ?[ap]\.?m\.?)?|(?:spoke|spoken|speaking|interpretation"
    r"|translation|habla|parle|spricht|говорит|выступает)\b[^()\[\]]*)[\])]",
    re.IGNORECASE,
)
# Rules for what stands around an article on a site: a record has other furniture.
_SITES = frozenset(
    (
        *("find_tails", "find_comments", "find_endings", "find_cut_teasers", "find_dated_teasers", "find_profiles"),
        *("find_navigation", "find_captions", "find_shares", "find_labels"),
    )
)
# How a record begins and ends.
_FRAME = re.compile(
    r"\W?(?:the )?(?:[\w-]+ ){0,3}(?:meeting|sitting|session|house|senate|hearing|committee|council|court"
    r"|assembly)\b.{0,40}"
    r"\b(?:called to order|rose|adjourned|resumed|suspended|convened|opened|closed|reconvened) at \d",
    re.IGNORECASE,
)
# Events that only a record tells.
_SURE = re.compile(
    r"(?:(?:the )?(?:[\w-]+ ){0,3}(?:meeting|sitting|session|house|senate|hearing|committee|council|court"
    r"|assembly)\b.{0,60}\b(?:called to order|rose at|adjourned|met at|resumed at|suspended|convened at|was opened)\b"
    r"|\(?court (?:called|reconven|adjourn)|(?:the )?(?:agenda|motion|amendment|bill"
    r"|resolution)\b.{0,60}\bwas (?:adopted|carried|rejected|lost)\b"
    r"|.{0,80}\bmet\b.{0,60}\bat \d|.{0,80}\bcome to order\b|\[?whereupon\b|opening statement of\b"
    r"|.{0,40}\bthe debate is closed"
    r"|it was so (?:decided|ordered|agreed)|question (?:put|agreed)|bill read|a (?:recorded )?vote was taken"
    r"|\((?:applause|laughter|interruption)|\[(?:applause|interruption|interjection|hon)|(?:ayes|noes)\b|debate resumed"
    r"|.{0,80}\(spoke in \w+\)|.{0,60}\bsworn\b|(?:direct|cross)[- ]examination|by m[rs]s?\. [A-Z]+:"
    r"|\((?:beifall|zuruf|heiterkeit|beginn|schluss|anhaltender|lachen)|\(?(?:la )?séance\b|\((?:applaudissements"
    r"|exclamations|mouvements)"
    r"|\((?:aplausos|rumores|risas)|se (?:abre|levanta) la sesión|\((?:аплодисменты|говорит по|шум)"
    r"|заседание\b.{0,30}\b(?:открывается|закрывается)"
    r"|share this contribution|(?:some|several|an) hon\. members?\s?:|(?:des|une) voix\s?:|column \d+[a-z]{0,2}$"
    r"|\W*(?:up)?on (?:resuming|commencing) at|\W*(?:\w+ )?recess taken"
    r"|\((?:the )?(?:witness|accused|parties|jury)\b"
    r"|(?:the )?question was taken|(?:the )?yeas and nays were|(?:the )?time of the gentle|i yield (?:back|the)"
    r"|se suspende la sesión"
    r"|l['’]amendement .{0,60}adopté|\(l['’](?:amendement|article)|question proposed"
    r"|ich rufe .{0,60}\btagesordnungspunkt"
    r"|das wort hat|tiene la palabra|la parole est|слово предоставляется|i (?:now )?give the floor|the floor)",
    re.IGNORECASE,
)


def is_record(text: str) -> bool:
    """Tell a record: several labels that name an office, a title or a country, and events that only records tell."""
    labels = events = frames = 0
    alone: set[str] = set()
    above = ""
    for line in islice(split_lines(text[: _SAMPLE * 100]), _SAMPLE):
        said = _MARGIN.sub("", line.text, count=1) if line.text[0].isdigit() else line.text
        events += bool(_SURE.match(said) or _TIMED_LABEL.match(said))
        frames += bool(_FRAME.match(said))
        name = find_lone_label(said)
        seated = bool(_SEAT.fullmatch(said)) and is_name_alone(above)
        above = said
        if name is not None or seated or is_strong_label(said):
            labels += 1
            events += name in alone  # names alone that come again are a record's
            alone |= {name} if name else set()
    return frames >= _FRAMES or (labels >= _LABELS and events >= 1) or (labels >= 2 and events >= _EVENTS)


def read_record(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a record, kept and dropped. `without` names rules that are left out."""
    sheets, _ = read_sheets(text)
    convention = learn_convention(row.text for row in sheets.rows)
    blocks = build_paragraphs(sheets.rows, lambda line: _begins_block(line, convention))
    cut = [cut_marks(block, _STAMP) for block in blocks]
    sheets.marks.extend(Span(start, end, reason="timestamp") for _, marks in cut for start, end in marks)
    layout = Layout([block for block, _ in cut], spoken=True)
    layout.dropped.update(_find_labels(layout, convention))
    for index, reason in _find_seated(layout).items():
        layout.dropped.setdefault(index, reason)
    layout.dropped.update(_find_events(layout, convention))
    apply_rules(layout, {*without, *_SITES})
    _restore_turns(layout, convention)
    for i in layout.kept():
        speaker = split_turn(layout.blocks[i].text, convention)[0]
        if speaker and i not in layout.speakers:
            layout.speakers[i] = speaker
    layout.speakers.update({i: _ASIDE.sub("", name) for i, name in layout.speakers.items()})
    return cut_sheets(layout, sheets.marks, text)


def _begins_block(line: str, convention: Convention) -> bool:
    """Tell a line that begins a turn, or tells by itself what happened or how was voted."""
    if begins_turn(line, convention) or procedure.ROLL.match(line):
        return True
    whole = signs.ends_sentence(line) or line.endswith(":")
    return bool(BRACKETED.fullmatch(line)) or (whole and bool(procedure.EVENT.match(line)))


def _find_labels(layout: Layout, convention: Convention) -> dict[int, str]:
    """Drop labels that stand alone, and note who speaks below them."""
    found: dict[int, str] = {}
    for i, block in enumerate(layout.blocks):
        following = layout.neighbour(i, 1)
        if following is None or len(block.text) > 200:
            continue
        speaker, said = split_turn(block.text, convention)
        if speaker is not None and not said:
            name: str | None = speaker
        else:
            name = None if block.is_sentence else find_lone_label(block.text)
        if name and (following.is_sentence or signs.count_size(following.text) >= 60):
            found[i] = "speaker"
            layout.speakers[i + 1] = name
    return found


def _find_seated(layout: Layout) -> dict[int, str]:
    """Drop names above a seat, a party or a button, and short forms of them; note who speaks below."""
    found: dict[int, str] = {}
    names: set[str] = set()
    for i, block in enumerate(layout.blocks):
        if i in found or not is_name_alone(block.text):
            continue
        at = i + 1
        while at < len(layout.blocks) and at - i <= 3 and _SEAT.fullmatch(layout.blocks[at].text):
            at += 1
        short = is_titled(block.text) and block.text.split()[-1] in {name.split()[-1] for name in names}
        if at < len(layout.blocks) and layout.blocks[at].is_sentence and (at > i + 1 or block.text in names or short):
            names.add(block.text)
            found.update(dict.fromkeys(range(i, at), "speaker"))
            layout.speakers[at] = block.text
    return found


def _find_events(layout: Layout, convention: Convention) -> Iterator[tuple[int, str]]:
    """Yield (index, reason) of events, votes, lists of names, and turns that hold nothing but formulas."""
    roll = moved = begun = False
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped:
            continue
        speaker, said = split_turn(block.text, convention)
        turn = speaker is not None or i in layout.speakers
        begun = begun or turn
        reason = ""
        if not begun and _is_dated(block):
            reason = "date"
        elif (roll and not turn and _is_names(block)) or (moved and not turn and block.text.startswith("That ")):
            reason = "procedure"
        elif not turn and block.size <= _FORMULA_SIZE and procedure.NOTICE.match(block.core):
            reason = "footer"
        elif not turn and _is_event(block) and not is_question(block.text, convention):
            reason = "procedure"
        elif block.size <= _FORMULA_SIZE:
            reason = judge_turn(said, speaker or layout.speakers.get(i, ""))
        roll = reason == "procedure" and (roll or bool(procedure.ROLL.match(block.text)))
        moved = reason == "procedure" and (moved or block.text.endswith((":", "—", "–", ",")))
        if reason:
            yield i, reason


def _is_names(block: Block) -> bool:
    """Tell a list of names: nearly every word has a capital."""
    if block.size > _ROLL_SIZE or (block.is_sentence and block.sentences == 1 and len(block.words) > 12):
        return False
    capital = sum(word[:1].isupper() for word in block.words)
    return capital >= _CAPITALS * len(block.words)


def _is_event(block: Block) -> bool:
    if block.size > _EVENT_SIZE:
        return False
    if BRACKETED.fullmatch(block.text) or _CLOCK.fullmatch(block.text) or procedure.ROLL.match(block.core):
        return True
    few = len(procedure.split_formulas(block.text)) <= 3
    listed = block.has_bullet and not block.text[0].isdigit()
    told = procedure.EVENT.match(block.core) or orders.EVENT.match(block.core)
    return few and bool(told) and not listed


def _is_dated(block: Block) -> bool:
    """Tell a line of a date, and where the body met on it."""
    if block.size > _DATE_SIZE or block.is_sentence:
        return False
    tokens = re.findall(r"[^\W_]+", block.text)
    dated = list(takewhile(_is_date_word, tokens))
    named = any(token.casefold() in lexicon.MONTHS for token in dated)
    return len(dated) >= _DATE_WORDS and named and any(token.isdigit() for token in dated)


def _is_date_word(token: str) -> bool:
    return token[0].isdigit() or token.casefold() in lexicon.DATE_WORDS


def _restore_turns(layout: Layout, convention: Convention) -> None:
    """Keep turns that the rules of articles took for headings: a few words without a full stop, an answer."""
    for i, reason in list(layout.dropped.items()):
        block = layout.blocks[i]
        if reason != "heading" or not (is_question(block.text, convention) or i in layout.speakers):
            continue
        if block.words:
            del layout.dropped[i]
