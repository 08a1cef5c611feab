"""What each line of a mail is: the sender's own words, or a header, a quoted reply, a signature, a disclaimer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from standpoint.pages import mail_words as words
from standpoint.pages import signs
from standpoint.pages.blocks import Line
from standpoint.pages.end_marks import ALONE
from standpoint.pages.rules.marks import is_date

QUOTED = re.compile(r"(?:[>›]\s?)+")
_RULE = re.compile(r"[-_=*~]{5,}$")
_SIGNATURE_MARK = re.compile(r"(?:--|—|__)$")
_FIELDS = 2  # header lines in a row that make a header, a sender among them
_PROSE = 90  # characters of a line that no signature has
_SIGNED = 12  # lines of the longest signature that nothing else ends
_REST = 30  # characters of what a quoted line that was broken leaves on the next
_BROKEN = 60  # characters of such a quoted line
_NOTICE = 400  # characters in which a disclaimer says what it is
_VALEDICTION = 80
_TOP = 8  # lines of a header that a mail program shows above a message
_SUBJECT = 160  # characters of a subject that is a question
_OWN = 80  # characters of a message above the header of the one that it answers


@dataclass
class _State:
    """`until_next`: the reason of all lines up to the next message. `subject`: what the message is about."""

    until_next: str = ""
    subject: str = ""
    forwarded: bool = False
    replied: bool = False
    messages: int = 0
    own: int = 0  # characters above the first header
    replies: bool = False  # whether anything is quoted; else «>» is a bullet


def find_header(lines: Sequence[Line], i: int) -> int:
    """Return how many lines from line `i` are a mail's header, 0 where none begins there."""
    fields, senders, j = 0, 0, i
    while j < len(lines):
        line = lines[j]
        field = words.FIELD.match(line.text)
        if field and (j == i or line.gap == 0):
            fields += 1
            senders += field["sender"] is not None
        elif j == i or line.gap > 0 or not fields or not (line.indent or "@" in line.text or line.text.endswith(";")):
            break
        j += 1
    return j - i if fields > _FIELDS and senders else 0


def judge_lines(lines: Sequence[Line]) -> list[str]:
    """Return each line's reason, empty for the sender's own words. Linear in the number of lines."""
    reasons = [""] * len(lines)
    state = _State(replies=_has_replies(lines))
    i = 0
    while i < len(lines):
        count, reason = _judge_mark(lines, i, state)
        if not count and state.until_next:
            count, reason = 1, state.until_next
        if not count and len(lines[i].text) <= _REST and ALONE.fullmatch(lines[i].text):
            count, reason = 1, "slug"  # an agency's, below each item of a digest
        if not count:
            count, reason = _judge_passage(lines, i)
        count = count or 1
        reasons[i : i + count] = [reason] * count
        i += count
    return reasons


def _has_replies(lines: Sequence[Line]) -> bool:
    """Tell whether quote marks are such: who wrote it is said, a subject answers, or most lines have them."""
    marked = sum(QUOTED.match(line.text) is not None for line in lines)
    if marked * 2 > len(lines) or any(len(line.text) <= 250 and words.ATTRIBUTION.match(line.text) for line in lines):
        return True
    subjects = (match[1] for line in lines if (match := words.SUBJECT.match(line.text)))
    return any(words.REPLY.match(subject) for subject in subjects)


def _judge_mark(lines: Sequence[Line], i: int, state: _State) -> tuple[int, str]:
    """Return (lines, reason) of what begins another message or a quoted one at line `i`; 0 lines where none does."""
    text = lines[i].text
    size = find_header(lines, i)
    if size:
        return size, _begin_message(lines[i : i + size], state)
    size = 0 if i else _measure_top(lines)
    if size:
        state.subject, state.replied, state.messages = _read_subject(lines[0].text), True, 1
        return size, "header"
    state.own += len(lines[i].text)
    if words.FORWARDED.match(text):
        state.until_next, state.forwarded = "", True
        return 1, "header"
    if words.ORIGINAL.match(text) or (_RULE.match(text) and state.messages and find_header(lines, i + 1)):
        if not state.forwarded:
            state.until_next = "quote"
        return 1, "quote"
    if state.until_next == "quote":
        return 0, ""
    size = _measure_attribution(lines, i)
    if size:
        following = lines[i + size] if i + size < len(lines) else None
        # Quote marks tell where a quotation ends; without them it goes on to the end.
        state.until_next = "" if following is None or QUOTED.match(following.text) else "quote"
        return size, "quote"
    if state.replies and QUOTED.match(text):
        return _measure_quote(lines, i), "quote"
    return 0, ""


def _begin_message(header: Sequence[Line], state: _State) -> str:
    """Return a header's reason, and note in `state` whether its message is quoted, forwarded or another one."""
    found = next((match[1] for line in header if (match := words.SUBJECT.match(line.text))), "")
    bare = _read_subject(found)
    if not state.messages and state.own >= _OWN and not state.forwarded:  # below a mail whose header is missing
        state.until_next = "quote"
        state.subject = bare
    again = state.messages > 0 and bare == state.subject and state.replied and not state.forwarded
    quoted = again or (state.until_next == "quote" and (bare == state.subject or not found))
    state.until_next = "quote" if quoted else ""
    if not quoted:
        state.subject, state.messages = bare, state.messages + 1
        state.replied = bool(words.REPLY.match(found))
        state.forwarded = bool(words.FORWARD.match(found))
    return "quote" if quoted else "header"


def _read_subject(text: str) -> str:
    return words.REPLY.sub("", words.FORWARD.sub("", text)).strip().casefold()


def _measure_top(lines: Sequence[Line]) -> int:
    """Return how many lines at the page's top are a mail's header without «From»: a subject, names, «To», a date."""
    size, fields = 0, 0
    for j, line in enumerate(lines[:_TOP]):
        field = words.FIELD.match(line.text) is not None
        asks = not j and line.text[-1] in '?!»”"' and len(line.text) <= _SUBJECT
        if len(line.text) > _NOTICE or (signs.ends_sentence(line.text) and not field and not asks):
            break
        fields += field
        if field or is_date(line.text):
            size = j + 1
    return size if fields else 0


def _measure_attribution(lines: Sequence[Line], i: int) -> int:
    """Return over how many lines «On ..., X wrote:» goes that begins at line `i`: 0, 1 or 2."""
    text = lines[i].text
    if len(text) <= 250 and text.endswith(":") and words.ATTRIBUTION.match(text):
        return 1
    following = lines[i + 1] if i + 1 < len(lines) else None
    if following is None or following.gap or len(text) > 120 or not words.ATTRIBUTION_BEGINS.match(text):
        return 0
    return 2 if words.ATTRIBUTION.match(f"{text} {following.text}") else 0


def _measure_quote(lines: Sequence[Line], i: int) -> int:
    """Return how many lines are quoted from line `i` on; the rest of a broken one has lost its mark."""
    j = i
    while j < len(lines):
        text = lines[j].text
        before = lines[j - 1].text if j > i else ""
        rest = lines[j].gap == 0 and len(text) <= _REST and len(before) >= _BROKEN and text[0].islower()
        if not QUOTED.match(text) and not (j > i and QUOTED.match(before) and rest):
            break
        j += 1
    return j - i


def _judge_passage(lines: Sequence[Line], i: int) -> tuple[int, str]:
    """Return (lines, reason) of a signature, a notice or a picture's name at line `i`; 0 lines where it is none."""
    text = lines[i].text
    if words.PICTURE.match(text):
        return 1, "ornament"
    if words.DEVICE.match(text):
        return 1, "signature"
    if text.startswith("-----BEGIN PGP SIGNED"):
        return _count_until(lines, i, lambda line: line.gap > 0), "header"
    if text.startswith("-----BEGIN PGP SIGNATURE"):
        return len(lines) - i, "signature"
    if _SIGNATURE_MARK.match(text) and _measure_signature(lines, i + 1) > 0:
        return 1 + _measure_signature(lines, i + 1), "signature"
    if len(text) <= _VALEDICTION and words.VALEDICTION.fullmatch(text):
        return 1 + _measure_signature(lines, i + 1), "signature"
    size = _measure_paragraph(lines, i)
    paragraph = " ".join(line.text for line in lines[i : i + size])[:_NOTICE]
    if words.DISCLAIMER.search(paragraph):
        return size, "disclaimer"
    if words.REASONED.match(paragraph):
        return size, "subscription"
    if len(paragraph) <= 160 and words.BROWSER.match(paragraph):
        return size, "subscription"
    if words.ADDRESS.match(text):
        return _count_until(lines, i, lambda line: line.gap > 0 and len(line.text) > 60), "contact"
    if len(text) <= 200 and words.LEAVE.search(text) and not signs.ends_sentence(text):
        return 1, "subscription"
    return 0, ""


def _measure_signature(lines: Sequence[Line], start: int) -> int:
    """Return how many lines from `start` are a signature: short ones, none of which is prose or begins a reply."""
    for j in range(start, min(len(lines), start + _SIGNED)):
        text = lines[j].text
        prose = len(text) >= _PROSE or (signs.count_sentences(text) > 0 and len(text) > 60)
        if prose or QUOTED.match(text) or words.FORWARDED.match(text) or words.ORIGINAL.match(text):
            return j - start
        if find_header(lines, j) or _RULE.match(text) or _measure_attribution(lines, j) or words.POSTSCRIPT.match(text):
            return j - start
        if j > start and lines[j].gap and words.DISCLAIMER.search(text[:_NOTICE]):
            return j - start
    return min(len(lines), start + _SIGNED) - start


def _measure_paragraph(lines: Sequence[Line], i: int) -> int:
    """Return how many lines the paragraph has that begins at line `i`; a long line is one by itself."""
    if i and lines[i].gap == 0 and len(lines[i - 1].text) < 100:
        return 1
    return _count_until(lines, i, lambda line: line.gap > 0 or len(line.text) >= 100 or bool(QUOTED.match(line.text)))


def _count_until(lines: Sequence[Line], i: int, ends: Callable[[Line], bool]) -> int:
    j = i + 1
    while j < len(lines) and not ends(lines[j]):
        j += 1
    return j - i


def strip_quote_marks(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield quoted lines without their marks, for a page that has nothing else."""
    for line in lines:
        match = QUOTED.match(line.text)
        size = match.end() if match else 0
        if len(line.text) > size:
            yield Line(line.start + size, line.end, line.text[size:], line.gap, line.indent)
