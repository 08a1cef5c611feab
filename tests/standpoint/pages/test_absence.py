"""Pages that hold no article have no passages; articles that speak of such pages keep theirs."""

from __future__ import annotations

import pytest

from standpoint.pages.reading import read_page

ARTICLE = (
    "The harbour police of Merrow has returned 404 nets to their owners, four years after they were seized.\n\n"
    "The register on which the seizure was noted could not be found, so the court ordered the return.\n"
)


@pytest.mark.parametrize(
    "page",
    [
        "Page not found\n\nSorry, the page you are looking for was moved. Try searching the archive of the paper.",
        "Your session has expired\n\nFor your security we have signed you out after 20 minutes without activity.",
        "Salt and the coast\n\nThe quays are full, and the ships are late.\n\nThis article is for subscribers only.",
        "Just a moment...\n\nVerifying you are human. This may take a few seconds.",
        "We value your privacy\n\nWe and our 841 partners store information on a device, such as cookies, for you.",
        "Index of /2024\n\na.html  2024-01-12 10:11  14K\nb.html  2024-01-12 10:12  15K\nc.pdf  2024-01-13 11:00  3K",
        "Neu\n\nLorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.",
        "Galleries\n\nThere are no galleries to display at this time. Please check back later.",
    ],
)
def test_no_article(page, check_page):
    read = read_page(page.encode(), "page")
    check_page(read)
    assert read.passages == ()
    assert any(span.reason == "error" for span in read.dropped)


@pytest.mark.parametrize(
    "line",
    [
        "404 nets returned",
        "Log in",
        "Already a subscriber? Log in",
        "The page of the register could not be found.",
        "Cookies",
        "Search results for salt",
        "Lorem ipsum dolor sit amet.",
    ],
)
def test_an_article_beside_such_a_line_stays(line, check_page):
    for page in (f"{line}\n\n{ARTICLE}", f"{ARTICLE}\n\n{line}"):
        read = read_page(page.encode(), "page")
        check_page(read)
        assert {text.strip() for text in ARTICLE.split("\n\n")} <= {p.text for p in read.passages}


@pytest.mark.parametrize(
    "said",
    [
        "Divers searched the wreck for two days, and nothing was found.",
        "No images were found on the telephone of the envoy, the police said.",
        "The lock at Karsh is undergoing maintenance until May.",
        "The archive is empty, its director told the council.",
        "His account has been suspended, the spokesman confirmed.",
    ],
)
def test_a_short_report_of_something_missing_is_an_article(said):
    assert [p.text for p in read_page(f"{said}\n".encode(), "page").passages] == [said]
