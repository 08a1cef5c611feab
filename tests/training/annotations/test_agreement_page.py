"""The page: everything escaped, nothing fetched, and a real browser shows its tables and runs its script."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.training.annotations.conftest import MakeCorpus, Said
from training.annotations.agreement import summarise_agreement
from training.annotations.agreement.page import write_agreement_page

NASTY = '<script>throw 1</script> & "it\'s" <img src=//example.org/x>'
SAID: list[Said] = [
    ("d1", "<b>ann", ["water"], {"the-dam": "favor"}),
    ("d1", "bob", ["roads"], {"the-dam": "against"}),
    ("d2", "<b>ann", ["water"], {"the-dam": "favor"}),
    ("d2", "bob", ["water"], {"the-dam": "favor"}),
]


@pytest.fixture
def page(make_corpus: MakeCorpus, tmp_path: Path) -> Path:
    path = tmp_path / "agreement.html"
    write_agreement_page(summarise_agreement(make_corpus(SAID, {"d1": NASTY}), draws=20), path)
    return path


def test_everything_is_escaped_and_nothing_is_fetched(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;throw 1" in text
    assert "<script>throw" not in text
    assert "<b>ann" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"<(?:link|img|iframe|script)\s[^>]*(?:src|href)", text)
    assert {"questions", "topics", "targets", "confusion-0"} <= set(re.findall(r'<table id="([^"]+)"', text))


def test_one_annotator_gets_a_page_too(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    write_agreement_page(summarise_agreement(make_corpus(SAID[:1])), tmp_path / "agreement.html")
    text = (tmp_path / "agreement.html").read_text(encoding="utf-8")
    assert "One independent annotator only" in text
    assert "<table" not in text


def test_a_browser_shows_it_and_sorts(page: Path, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here to open the page with")
    # The last row of topics comes first once the column is sorted; the click is added to a copy.
    click = '<script>document.querySelector("#topics th:first-child button").click()</script></body>'
    clicked = tmp_path / "clicked.html"
    clicked.write_text(page.read_text(encoding="utf-8").replace("</body>", click), encoding="utf-8")
    done = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            clicked.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "CONSOLE" not in done.stderr, done.stderr[-2000:]
    for name in ("questions", "topics", "targets", "confusion-0", "topic-confusion-0"):
        assert f'<table id="{name}">' in done.stdout
    table = done.stdout.split('<table id="topics">')[1].split("</table>")[0]
    assert re.findall(r"<tr><td>(\w+)</td>", table) == ["other", "roads", "water"]
    assert 'aria-sort="ascending"' in table
