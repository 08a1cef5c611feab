"""The subtitle shape: SRT, WebVTT and SBV files. Cues of one utterance are joined to a paragraph or a turn."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from standpoint.pages import signs
from standpoint.pages.blocks import Block, Layout, Line, split_lines
from standpoint.pages.excision import Piece, build_block, keep_between
from standpoint.pages.filling import fill_gaps
from standpoint.pages.plain import cut_layout
from standpoint.pages.rules import apply_rules
from standpoint.pages.rules.hosts import is_closing, is_greeting
from standpoint.pages.shape import Span
from standpoint.pages.speakers import split_speaker

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"(?P<start>{_TIME})\s*(?:-->|,)\s*(?P<end>{_TIME})(?:\s+\S.{{0,200}})?$")
_HEAD = re.compile(r"WEBVTT(?:[ \t]|$)")
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_TAG = re.compile(r"<[^<>]{0,80}>|\{[\\=][^{}]{0,60}\}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,40})?\s+([^<>]{1,80})>")
_ARROWS = re.compile(r"(?:(?:>|&gt;){2,3}\s*)+")  # how captions mark that another person speaks
_DASH = re.compile(r"[-–—]\s*(?=[^\s\d–—-])")
_STAGE = re.compile(r"[\[(（*♪♫#].{0,90}[\])）*♪♫#]|[♪♫].{0,120}")
_FEWEST = 2  # cues that make a file of subtitles
_SHARE = 0.15  # of a page's lines that time its cues
_PAUSE = 2.0  # seconds between two sentences that end a paragraph
_LONG_PAUSE = 5.0  # seconds after which even half a sentence is over
_AIM = 600  # characters of a paragraph, past which it ends with its sentence
_GREETED = 4  # words of a greeting that ends without a full stop
_CARRIES_ON = re.compile(r"(?:to|of|and|for|with|on|in|at|from|the|an?|back|by|zu|zur|bei|à|de|a|en)\b", re.IGNORECASE)
_THANKS = re.compile(
    r"(?:(?:many )?thanks|thank you|danke|vielen dank|merci|(?:muchas )?gracias|(?:muito )?obrigad[oa]"
    r"|(?:большое )?спасибо)"
    r"(?: (?:so|very|much|all|again|everyone|schön|sehr|beaucoup|à tous|a todos|всем))*\W*",
    re.IGNORECASE,
)
_ROLLED = 3  # lines that a rolling caption shows again
# Rules on the form of a line see nothing in captions: their lines are fragments.
FORMLESS = frozenset(
    ("find_navigation", "find_headings", "find_endings", "find_tails", "find_comments", "find_dated_teasers")
)


@dataclass(frozen=True)
class Cue:
    """A line of a cue: its time in seconds, who the markup says speaks, and whether it says that a turn begins."""

    line: Line
    start: float
    end: float
    voice: str | None


@dataclass
class Utterance:
    """Lines that are joined: pieces of the page, and the text so far."""

    voice: str | None
    pieces: list[Piece] = field(default_factory=list)
    size: int = 0
    last: str = ""
    start: float = 0.0
    end: float = 0.0
    greets: bool = False  # so far nothing but a greeting
    closes: bool = False  # nothing but thanks for watching, or who made the captions


def is_subtitles(text: str) -> bool:
    """Tell subtitles by the share of lines that time a cue, among the first thousands of characters."""
    lines = split_lines(text[:20_000])
    timed = sum(bool(_TIMING.match(line.text)) for line in lines)
    return timed >= _FEWEST and timed >= _SHARE * len(lines)


def read_subtitles(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a subtitle file, kept and dropped. `without` names rules that are left out."""
    layout = build_cue_layout(text, _find_cues(split_lines(text)))
    apply_rules(layout, {*without, *FORMLESS})
    return fill_gaps(cut_layout(layout), text, "timestamp")


def build_cue_layout(page: str, cues: Iterator[Cue]) -> Layout:
    """Return the utterances of cues as blocks, with who the markup says speaks; stage directions are dropped."""
    blocks: list[Block] = []
    layout = Layout(blocks, spoken=True)
    for utterance, reason in join_cues(page, cues):
        block = build_block(page, utterance.pieces, 2)
        if block is None:
            continue
        if utterance.voice:
            layout.speakers[len(blocks)] = utterance.voice
        if reason:
            layout.dropped[len(blocks)] = reason
        blocks.append(block)
    return layout


def _find_cues(lines: Sequence[Line]) -> Iterator[Cue]:
    """Yield the lines of text of all cues. Identifiers, headers, notes and styles are left out."""
    timing: re.Match[str] | None = None
    voice: str | None = None
    aside = False
    for i, line in enumerate(lines):
        match = _TIMING.match(line.text)
        if match:
            timing, voice, aside = match, None, False
            continue
        if line.gap and (timing is None or _ASIDE.match(line.text)):
            aside = aside or bool(_ASIDE.match(line.text))
        following = lines[i + 1] if i + 1 < len(lines) else None
        identifies = (
            following is not None
            and not following.gap
            and _TIMING.match(following.text)
            and (line.gap > 0 or line.text.isdigit())
        )
        if timing is None or aside or identifies or _HEAD.match(line.text):
            continue
        named = _VOICE.search(line.text)
        voice = named[1].strip() if named else voice
        yield Cue(line, _read_time(timing["start"]), _read_time(timing["end"]), voice)


def _read_time(text: str) -> float:
    seconds = 0.0
    for part in text.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def join_cues(page: str, cues: Iterator[Cue]) -> Iterator[tuple[Utterance, str]]:
    """Yield (utterance, reason): lines of one speaker up to a pause or a paragraph's end; directions alone."""
    current: Utterance | None = None
    shown: list[str] = []
    label: str | None = None
    waiting: list[tuple[Utterance, str]] = []  # directions within an utterance, told after it
    for cue in cues:
        pieces, said, arrows = _strip_cue(page, cue.line)
        if not said or said in shown:  # a rolling caption shows its last lines again
            continue
        shown = [*shown[-_ROLLED + 1 :], said]
        if _STAGE.fullmatch(said):
            waiting.append((Utterance(None, pieces), "procedure"))
            continue
        dash = _DASH.match(said)
        speaker, rest = split_speaker(said[dash.end() :] if dash else said)
        named = cue.voice or speaker
        turned = arrows or dash is not None or (named is not None and (named != label or _only_thanks(speaker, rest)))
        if current is not None and (turned or _is_over(current, cue)):
            yield from _close(current, waiting)
            current, waiting = None, []
        if current is None:
            yield from waiting
            waiting = []
            current = Utterance(cue.voice)
        elif speaker is not None and speaker == label:  # the same name before each cue of a turn
            pieces = _skip(pieces, len(said) - len(rest))
        label = named if named is not None or turned else label
        current.pieces += pieces
        current.greets = is_greeting(said) and (current.greets or not current.size)
        current.closes = is_closing(said) and (current.closes or not current.size)
        current.size, current.last = current.size + len(said) + 1, said
        current.start, current.end = cue.start, cue.end
    if current is not None:
        yield from _close(current, waiting)
    else:
        yield from waiting


def _close(utterance: Utterance, waiting: Sequence[tuple[Utterance, str]]) -> Iterator[tuple[Utterance, str]]:
    """Yield an utterance, then the directions that stand below it; those within it are covered by it."""
    yield utterance, ""
    end = utterance.pieces[-1][1]
    yield from (item for item in waiting if item[0].pieces[0][0] >= end)


def _is_over(utterance: Utterance, cue: Cue) -> bool:
    pause = cue.start - utterance.end
    if cue.start != utterance.start and _is_framed(utterance, cue.line.text):
        return True
    if not signs.ends_sentence(utterance.last):
        return pause >= _LONG_PAUSE
    return pause >= _PAUSE or utterance.size >= _AIM


def _is_framed(utterance: Utterance, said: str) -> bool:
    """Tell the end of a greeting that has its own cue, and the beginning of a show's last words."""
    if signs.ends_sentence(utterance.last):
        return utterance.greets or utterance.closes or is_closing(_TAG.sub("", said))
    if _CARRIES_ON.match(said):
        return False
    greeted = utterance.greets and len(utterance.last.split()) >= _GREETED
    return utterance.closes or greeted or (len(said.split()) >= _GREETED and is_closing(_TAG.sub("", said)))


def _only_thanks(speaker: str | None, rest: str) -> bool:
    """Tell thanks and nothing else behind a speaker's label of their own."""
    return speaker is not None and (_THANKS.fullmatch(rest.strip()) is not None or is_closing(rest))


def _strip_cue(page: str, line: Line) -> tuple[list[Piece], str, bool]:
    """Return the pieces of a line between tags, their text, and whether arrows said that a turn begins."""
    marks = [(line.start + match.start(), line.start + match.end()) for match in _TAG.finditer(line.text)]
    pieces = [piece for piece in keep_between(line.start, line.end, marks) if page[slice(*piece)].strip()]
    said = "".join(page[slice(*piece)] for piece in pieces)
    arrows = _ARROWS.match(said)
    if arrows:
        pieces, said = _skip(pieces, arrows.end()), said[arrows.end() :]
    return pieces, said.strip(), arrows is not None


def _skip(pieces: Sequence[Piece], count: int) -> list[Piece]:
    """Return `pieces` without their first `count` characters."""
    left: list[Piece] = []
    for start, end in pieces:
        taken = min(count, end - start)
        count -= taken
        if end > start + taken:
            left.append((start + taken, end))
    return left
