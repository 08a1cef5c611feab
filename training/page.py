"""A self-contained page: style, tables that sort by a click, no network. Everything given as text is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from training.files import replace_file

# Nothing is fetched, whatever a text holds: the page says so to the browser as well.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

STYLE = """
:root{color-scheme:light dark;--page:#fff;--ink:#1c2430;--soft:#5d6878;--line:#dbe0e7;--band:#f4f6f9;--mark:#2f6db3;
--warm:200,80,40}
@media(prefers-color-scheme:dark){:root{--page:#161a20;--ink:#e6e9ee;--soft:#9aa5b4;--line:#39424e;--band:#262d37;
--mark:#7db1ea}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:76rem;margin:0 auto;
padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2.2rem 0 .3rem}
p{margin:.3rem 0;max-width:48rem}.soft{color:var(--soft)}code{font-size:.9em;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:.6rem 0;max-width:100%}
.long{max-height:30rem;overflow-y:auto;width:fit-content}
.long thead th{position:sticky;top:0;background:var(--page)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.28rem .55rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
th{color:var(--soft);font-weight:600;vertical-align:bottom}
td.number,th.number{text-align:right}
td.wide{white-space:normal;min-width:16rem}
th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--mark)}
th button::after{content:"\\2195";opacity:.35;padding-left:.25em}
th[aria-sort=ascending] button::after{content:"\\2191";opacity:1}
th[aria-sort=descending] button::after{content:"\\2193";opacity:1}
td.thin{color:var(--soft);font-style:italic}
.strip{display:inline-block;position:relative;width:5.5rem;height:.7rem;background:var(--band);border-radius:2px}
.strip i{position:absolute;top:.25rem;height:.2rem;background:var(--mark);opacity:.5}
.strip b{position:absolute;top:0;width:3px;height:.7rem;margin-left:-1px;background:var(--mark)}
.card{border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;margin:.8rem 0}
.card p{max-width:none}.card blockquote{margin:.4rem 0 .6rem;padding-left:.8rem;border-left:3px solid var(--line)}
.card dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:0}
.card dt{color:var(--soft)}.card dd{margin:0;overflow-wrap:anywhere}.card .decision{font-weight:600}
.tag{display:inline-block;background:var(--band);border-radius:3px;padding:0 .4rem;margin:0 .25rem .15rem 0}
.tag.differs{background:rgba(var(--warm),.18)}
@media(max-width:600px){body{padding:1rem .7rem 3rem}table{font-size:13px}th,td{padding:.28rem .35rem}
td.wide{min-width:12rem}th:first-child,td:first-child{position:sticky;left:0;background:var(--page)}
th button::after{display:none}th[aria-sort] button::after{display:inline}
.card dl{grid-template-columns:1fr}.card dd{margin-bottom:.3rem}}
"""

# Cells carry what they are sorted by in data-value where it is not their text; what has no value sorts last.
SCRIPT = """
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => {
  const head = button.closest("th"), body = head.closest("table").tBodies[0];
  const falling = head.getAttribute("aria-sort") === "ascending" ||
    (!head.hasAttribute("aria-sort") && head.classList.contains("number"));
  const down = head.getAttribute("aria-sort") === "descending" ? false : falling;
  const key = row => { const cell = row.cells[head.cellIndex]; return cell.dataset.value ?? cell.textContent; };
  const order = (one, other) => head.classList.contains("number")
    ? Number(one) - Number(other) : one.localeCompare(other);
  const rows = [...body.rows].sort((a, b) => {
    const one = key(a), other = key(b);
    if (one === "" || other === "") return (one === "") - (other === "");
    return down ? order(other, one) : order(one, other);
  });
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.append(...rows);
});
"""


def write_page(path: Path, title: str, body: Iterable[str]) -> None:
    """Write a page of ready HTML parts; replaces `path` by rename."""
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + f"\n<script>{SCRIPT}</script>\n</body></html>\n"
    )
    replace_file(path, page.encode())


def text_cell(text: str, wide: bool = False) -> str:
    """Return a cell of text; a wide one breaks into lines."""
    return f"<td{' class=wide' if wide else ''}>{escape(text)}</td>"


def number_cell(value: float, shown: str | None = None, thin: bool = False) -> str:
    """Return a cell that sorts by `value` and shows it, or ready HTML in its place; a dash where the value is NaN."""
    name = "number thin" if thin else "number"
    if math.isnan(value):
        return f'<td class="{name}" data-value="">-</td>'
    return f'<td class="{name}" data-value="{value:.9g}">{format(value, ",") if shown is None else shown}</td>'


def sortable_table(name: str, heads: Sequence[tuple[str, bool]], rows: Iterable[str], long: bool = False) -> str:
    """Return a table with `heads` of (text, is a number) whose columns sort by a click; rows are ready `<tr>`s.

    A long one scrolls inside the page.
    """
    cells = "".join(
        f'<th{" class=number" if number else ""} scope="col"><button type="button">{escape(text)}</button></th>'
        for text, number in heads
    )
    body = "".join(rows)
    return (
        f'<div class="scroll{" long" if long else ""}"><table id="{escape(name)}"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
