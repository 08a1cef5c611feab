from __future__ import annotations

from standpoint.pages.reading import read_page
from standpoint.pages.report import summarise


def test_report_counts_and_shows_what_was_cut():
    sentence = "The council met on Monday and agreed on nothing."
    text = f"{sentence}\n\n#council\n\n{sentence}\n"
    lines = summarise(read_page(text.encode(), "council.txt"))
    assert lines[0] == f"council.txt: {len(text)} characters, utf-8"
    assert "1 passages" in lines[1]
    assert "en 1" in lines[1]
    assert "2 spans" in lines[2]
    assert any(line.split() == ["repeat", "1", "48"] for line in lines)
    assert any(line.split()[1:] == ["hashtags", "#council"] for line in lines)
    assert not any("blank" in line for line in lines)


def test_lines_of_output():
    page = read_page("💬 Ilda Marrow: We object to the ban.\n\n👍 4".encode(), "a.txt")
    assert page.passages[0].as_dict() == {
        "document": "a.txt",
        "start": 0,
        "end": 36,
        "text": "💬 Ilda Marrow: We object to the ban.",
        "language": "en",
        "encoding": "utf-8",
        "speaker": "Ilda Marrow",
    }
    assert "speaker" not in read_page(b"The council met on Monday.", "b.txt").passages[0].as_dict()
    assert page.dropped[-1].as_dict() == {"document": "a.txt", "start": 38, "end": 41, "reason": "reactions"}
