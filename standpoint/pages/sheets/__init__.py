"""Text that was printed on sheets: running heads, page and line numbers, footnotes, columns, broken paragraphs."""
