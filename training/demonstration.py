"""What the main job asks the service: passages and a raw page of our own writing, one voice for each side."""

from __future__ import annotations

from typing import Any

REQUEST: dict[str, Any] = {
    "passages": [
        {
            "id": "one text, two targets",
            "text": "The minister praised the alliance's open door, and said in the same breath that arming Kyiv "
            "further only prolongs the war and should stop.",
            "targets": ["NATO enlargement", "military aid to Ukraine"],
        },
        {
            "id": "the other side",
            "text": "An alliance that moves its bases to our border cannot call itself defensive, the deputy said; "
            "sending shells to Kyiv, though, is no more than decency demands.",
            "targets": ["nato-enlargement", "aid-to-ukraine"],
        },
        {
            "id": "no target named",
            "text": "Delegates called for the embargo on Russian banks to be lifted, arguing that it has raised the "
            "price of bread in every port of the region.",
        },
        {
            "id": "procedure",
            "text": "The committee on grain shipments meets on Tuesday at ten; delegations are asked to send the names "
            "of their speakers to the secretariat by Monday noon.",
            "targets": ["the Black Sea grain corridor"],
        },
    ]
}

PAGE_TARGETS = ("reform of the UN Security Council", "sanctions on Russia")
PAGE = """Harbour Gazette
Home
World
Opinion
Subscribe

Small states press for seats at the table

By Our Correspondent
12 March 2025
Share  Facebook  Twitter  Email

Small island states renewed their call on Tuesday for a wider Security Council, saying that a table laid in 1945 \
cannot speak for a hundred and ninety-three members.

"Nobody gives up a chair willingly," the group's chair said. "But a Council that leaves out whole continents will be \
obeyed by fewer every year, and reform is the only way to keep it."

A permanent member's envoy answered that enlargement would turn the chamber into a debating club and that the present \
rules had prevented a great war for eighty years.

Photo: Harbour Gazette / A. Lindqvist

More from World
Port strike enters second week
Ministers to meet in spring
"""
"""The headline, byline, share bar, credit and teasers are what page reading has to cut."""
