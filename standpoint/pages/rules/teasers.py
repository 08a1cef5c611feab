"""Other articles: what stands below a heading that announces them, until an article resumes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages import afterwords, lexicon
from standpoint.pages.blocks import Block, Layout

_HEADING_WORDS = 9
_HEADING_SIZE = 80  # characters
_RESUMED = 250  # characters of adjacent prose that a list of teasers does not have
_ADJACENT = 150  # characters of two paragraphs of which no headline stands between
_RESUMED_LINE = 80  # characters of a sentence that is no headline
_SHORT = 15  # characters of a sentence within an article
_PARAGRAPH = 120  # characters of the longest block of such prose
_SECOND_ARTICLE = 600  # characters of prose after readers' comments that are no comment
_OFFERED = 4  # blocks that a heading in the middle of an article offers
_OFFER = 200  # characters of a line that offers one article
_DATED = 3  # dates in a list
_STRIDE = 5  # blocks from one date of a list to the next
_ANNOUNCED = re.compile(r"\s*[:|]\s*")
_LINKED = re.compile(r"https?://\S+\W*$")  # «Read more: the address of this same text», which offers no other


def is_heading(block: Block, pattern: re.Pattern[str]) -> bool:
    """Tell a heading of that kind: short, no sentence, its words at the start."""
    short = len(block.words) <= _HEADING_WORDS and block.size <= _HEADING_SIZE
    return short and not block.is_sentence and bool(pattern.match(block.core))


def _offers_itself(block: Block) -> bool:
    """Tell «You may like: the headline of another article»: what it announces stands behind its colon."""
    parts = _ANNOUNCED.split(block.core, maxsplit=1)
    announced, offered = parts[0], parts[-1]
    if len(parts) < 2 or len(offered.split()) < 3 or block.size > 2 * _HEADING_SIZE or len(announced.split()) > 4:
        return False
    if "|" in offered:  # a menu
        return False
    return bool(lexicon.INLINE.match(announced + ":") or lexicon.TAIL.match(announced))


def measure_run(layout: Layout, start: int) -> tuple[int, float, int, float]:
    """Return (blocks, characters, sentences, longest block) of the prose that begins at `start`."""
    count, size, sentences, longest = 0, 0.0, 0, 0.0
    for i in range(start, len(layout.blocks)):
        block = layout.blocks[i]
        # A short sentence begins no article, but goes on with one.
        short = count > 0 and i not in layout.dropped and block.is_sentence and block.size >= _SHORT
        if not short and not layout.is_prose(i):
            break
        following = layout.dropped.get(i + 1)
        if following == "date" or _continues_elsewhere(layout.neighbour(i, 1)):
            break
        count, size, sentences = count + 1, size + block.size, sentences + block.sentences
        longest = max(longest, block.size)
        if size >= _SECOND_ARTICLE and count >= 3:
            break
    return count, size, sentences, longest


def _continues_elsewhere(block: Block | None) -> bool:
    return block is not None and not block.is_sentence and bool(lexicon.CONTINUE.match(block.core))


def _resumes_after_footer(layout: Layout, i: int) -> bool:
    """Tell whether an article goes on at block `i`: more prose than a site says of itself or a teaser quotes."""
    _, size, sentences, longest = measure_run(layout, i)
    return size >= _RESUMED and sentences >= 2 and (longest >= _PARAGRAPH or size >= _SECOND_ARTICLE)


def resumes(layout: Layout, i: int) -> bool:
    """Tell whether an article goes on at block `i`: adjacent paragraphs, or a long one, which no teaser has."""
    count, size, _, longest = measure_run(layout, i)
    adjacent = count >= 2 and size >= _ADJACENT and longest >= 100
    return adjacent or _resumes_after_footer(layout, i) or (size >= 100 and _has_afterword(layout, i + count))


def _has_afterword(layout: Layout, i: int) -> bool:
    """Tell the note that stands below an article's last paragraph: who helped, when it was broadcast."""
    if not 0 < i < len(layout.blocks) or layout.blocks[i].size > _OFFER:
        return False
    core = layout.blocks[i].core
    return bool(afterwords.CONTRIBUTION.match(core) or afterwords.BROADCAST.match(core))


def _resumes_inline(layout: Layout, i: int) -> bool:
    count, size, sentences, _ = measure_run(layout, i)
    return size >= 100 and (count >= 2 or size >= 200 or sentences >= 2)


def _resumes_listed(layout: Layout, i: int) -> bool:
    """Tell whether an article goes on below a list that a blank line ends: with a sentence that no headline is."""
    _, size, sentences, _ = measure_run(layout, i)
    return sentences >= 2 or size >= _RESUMED_LINE


def find_tails(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop what follows «More from», «Related», «Read more», «Newsletter» and the like until prose resumes."""
    inside, check, since = "", resumes, 0
    listed = _find_listed(layout)
    offered = {i for i, reason in layout.dropped.items() if reason in ("navigation", "teaser")}  # links to elsewhere
    for i, block in enumerate(layout.blocks):
        since += 1
        if inside == "teaser" and i in listed:
            yield i, inside
            continue
        if inside == "teaser" and i - 1 in listed:  # a blank line ends such a list
            check, since = _resumes_listed, 0
        if inside == "teaser" and i not in offered and i - 1 in offered and _resumes_inline(layout, i):
            inside = ""
        if not inside and _offers_itself(block):
            yield i, "teaser"
        elif is_heading(block, lexicon.INLINE) and not _LINKED.search(block.text):
            check = resumes if inside == "teaser" and check is resumes else _resumes_inline
            inside, since = "teaser", 0
        elif is_heading(block, lexicon.TAIL):
            inside, check = "teaser", resumes
        elif _is_closing(block):
            inside, check = "footer", _resumes_after_footer
        elif inside and (layout.dropped.get(i) == "speaker" or check(layout, i)):  # an interview goes on
            inside = ""
        elif check is not resumes and inside == "teaser" and since > _OFFERED:
            check = resumes
        if inside:
            yield i, inside


def _find_listed(layout: Layout) -> set[int]:
    """Return the lines directly below a heading that offers articles, where blank lines stand between paragraphs."""
    blocks = layout.blocks
    long = [block for block in blocks[1:] if block.is_sentence and block.size >= _PARAGRAPH]
    if sum(block.gap > 0 for block in long) * 2 <= len(long):
        return set()
    listed: set[int] = set()
    for i, block in enumerate(blocks):
        if i and block.gap == 0 and block.size <= _OFFER and (i - 1 in listed or opens_list(blocks[i - 1])):
            listed.add(i)
    return listed


def opens_list(block: Block) -> bool:
    """Tell a heading after which other articles are offered."""
    return is_heading(block, lexicon.INLINE) or is_heading(block, lexicon.TAIL)


def _is_closing(block: Block) -> bool:
    return bool(block.size <= _HEADING_SIZE and lexicon.CLOSING.match(block.core))


def find_cut_teasers(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop a text that is continued elsewhere: «... Read more» on its line or on the next, «Read also: ...»."""
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped or block.size > 600:
            continue
        if block.size <= _OFFER and block.sentences <= 1 and lexicon.OFFER.match(block.core):
            yield i, "teaser"
            continue
        tail = re.search(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])[\])]?\s*(?P<call>\S.*)?$", block.text[-60:])
        if tail and (lexicon.CONTINUE.match(tail["call"] or "") or _continues_elsewhere(layout.neighbour(i, 1))):
            yield i, "teaser"


def find_dated_teasers(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop headlines and cut leads in a list of dates, where no heading announces it.

    At least three dates, each a few blocks after the last, in a page that has an article elsewhere.
    """
    dates = [i for i, reason in sorted(layout.dropped.items()) if reason == "date"]
    runs: list[list[int]] = []
    for i in dates:
        if runs and i - runs[-1][-1] <= _STRIDE:
            runs[-1].append(i)
        else:
            runs.append([i])
    for run in runs:
        around = range(max(0, run[0] - 2), min(len(layout.blocks), run[-1] + 3))
        if len(run) < _DATED or not any(resumes(layout, i) for i in layout.kept() if i not in around):
            continue
        for i in around:
            block = layout.blocks[i]
            if i not in layout.dropped and block.is_cut and block.size <= 400:
                yield i, "teaser"
