"""The OpenAPI document as a page for people: one file without scripts, pictures or anything of another host."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from serving.accept import LINES

_WIDTH = 80  # characters of a line of JSON

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d9dee6;--back:#fff;--box:#f4f6f9;--mark:#0b5cad;
--get:#1d7a46;--post:#9a4a00}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa5b4;--line:#323b48;--back:#12161c;--box:#1b212a;
--mark:#7db8f7;--get:#6fd09b;--post:#f2ae6b}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:56rem;margin:0 auto;
padding:2rem 1.25rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:0}
h1 small{font-size:1rem;font-weight:400;color:var(--soft);margin-left:.5rem}
h2{font-size:1.15rem;margin:2.75rem 0 .25rem;padding-top:1.25rem;border-top:1px solid var(--line);
overflow-wrap:anywhere}
h3{font-size:.95rem;margin:1.25rem 0 .4rem}
p{margin:.4rem 0 .8rem;max-width:44rem}
a{color:var(--mark)}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;margin:.4rem 0;
white-space:pre-wrap;overflow-wrap:anywhere}
h2 code{font-size:1.1rem}
table{border-collapse:collapse;width:100%;margin:.4rem 0}
td{border-top:1px solid var(--line);padding:.35rem .75rem .35rem 0;vertical-align:top;overflow-wrap:anywhere}
tr:first-child td{border-top:0}
td:first-child{width:1%;white-space:nowrap}
summary{cursor:pointer;color:var(--mark);margin:.4rem 0}
dt{font-weight:600;margin-top:.8rem}
dd{margin:0;max-width:44rem}
.get,.post{font-weight:600}.get{color:var(--get)}.post{color:var(--post)}
.soft{color:var(--soft)}
@media(max-width:34rem){body{padding:1.25rem .9rem 3rem}code,pre{font-size:13px}td:first-child{white-space:normal;
width:35%}}
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def render_page(document: dict[str, Any]) -> str:
    """Return the document as HTML."""
    info = document["info"]
    first, *others = info["description"].strip().split("\n\n")
    operations = [(path, *found) for path, methods in document["paths"].items() for found in methods.items()]
    rows = ((f'<a href="#{_anchor(path)}">{_title(path, method)}</a>', o["summary"]) for path, method, o in operations)
    parts = [
        f"<h1>{escape(info['title'])}<small>{escape(info['version'])}</small></h1><p>{escape(first)}</p>",
        _render_table(rows),
        "<p>The examples below are as typed in a shell, with <code>STANDPOINT_URL</code> for the address of this "
        "page without the slash at its end"
        f"{_key_hint(document)}. For programs: <a href='openapi.json'>openapi.json</a>.</p>",
        *(_render_operation(*operation) for operation in operations),
        "<h2>What holds for all</h2><dl>",
        *(_render_note(note) for note in others),
        "</dl>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _key_hint(document: dict[str, Any]) -> str:
    guarded = "securitySchemes" in document["components"]
    return " and <code>STANDPOINT_KEY</code> for your key" if guarded else ""


def _render_note(note: str) -> str:
    name, _, text = note.partition(": ")
    return f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>"


def _render_operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<h2 id="{_anchor(path)}">{_title(path, method)}</h2><p>{escape(operation["summary"])}.</p>',
        f"<p>{escape(operation['description'])}</p>" if "description" in operation else "",
        *_render_examples(path, operation),
    ]
    if parameters := operation.get("parameters"):
        rows = ((_code(row["name"]), f"{row['description']} ({row['in']})") for row in parameters)
        parts += ["<h3>Parameters</h3>", _render_table(rows)]
    statuses = ((_code(status), answer["description"]) for status, answer in operation["responses"].items())
    parts += ["<h3>Statuses</h3>", _render_table(statuses)]
    return "".join(parts)


def _render_examples(path: str, operation: dict[str, Any]) -> Iterator[str]:
    keyed = "security" in operation
    bodies = operation.get("requestBody", {}).get("content", {})
    asked = [(kind, *found) for kind, body in bodies.items() for found in body.get("examples", {}).items()]
    if not asked:
        yield f"<pre>{escape(_write_curl(path, operation, keyed))}</pre>"
        yield from _render_answers(operation, None)
    for kind, name, example in asked:
        yield f"<h3>{escape(example['summary'])}</h3>"
        yield f"<pre>{escape(_write_curl(path, operation, keyed, kind, example['value']))}</pre>"
        yield from _render_answers(operation, name, shown=name == asked[0][1])


def _render_answers(operation: dict[str, Any], asked: str | None, shown: bool = False) -> Iterator[str]:
    """Yield the answers to an example, all where it is None; the first is `shown`, the others unfold."""
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {}).items():
            for name, example in content.get("examples", {}).items():
                if asked not in (None, name):
                    continue
                answer = example["value"]
                text = answer if isinstance(answer, str) else _write_json(answer)
                about = f"Answer: {status}, {kind}"
                if kind == LINES:
                    about += f", with --no-buffer --header 'Accept: {LINES}'"
                opened = " open" if shown else ""
                yield f"<details{opened}><summary>{escape(about)}</summary><pre>{escape(text)}</pre></details>"
                shown = False


def _write_curl(path: str, operation: dict[str, Any], keyed: bool, kind: str = "", body: Any = None) -> str:
    """Return a command that can be pasted; the address and the key stand for themselves."""
    named = {row["name"]: row["example"] for row in operation.get("parameters", []) if "example" in row}
    query = f"?{urlencode(named, doseq=True, quote_via=quote)}" if named else ""
    lines = [f'curl "$STANDPOINT_URL{path}{query}"']
    if keyed:
        lines.append('--header "Authorization: Bearer $STANDPOINT_KEY"')
    if body is not None:
        lines.append(f"--header {shlex.quote(f'Content-Type: {kind}')}")
        lines.append(f"--data-binary {shlex.quote(body if isinstance(body, str) else _write_json(body))}")
    return " \\\n  ".join(lines)


def _write_json(value: Any, indent: int = 0) -> str:
    """Return JSON for people: what fits into a line stands in one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= _WIDTH or not isinstance(value, (dict, list)):
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_write_json(part, indent + 2)}" for key, part in value.items()]
    else:
        parts = [_write_json(part, indent + 2) for part in value]
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    return f"{opened}\n{pad}" + f",\n{pad}".join(parts) + f"\n{' ' * indent}{closed}"


def _render_table(rows: Iterator[tuple[str, str]]) -> str:
    return f"<table>{''.join(f'<tr><td>{name}</td><td>{escape(text)}</td></tr>' for name, text in rows)}</table>"


def _title(path: str, method: str) -> str:
    return f'<code class="{method}">{method.upper()} {escape(path)}</code>'


def _anchor(path: str) -> str:
    return path.strip("/").replace("/", "-")


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
