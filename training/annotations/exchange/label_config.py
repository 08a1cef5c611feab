"""Label Studio's labelling configuration, generated from a codebook.

The names of its controls are what results come back under:

topics              the topics
targets             which targets the passage refers to: ticking one shows its stance and holder
stance-TARGET       favor, against or none
holder-TARGET       whose stance it is; the author's where it is left empty
not-judged          the tasks that the annotator leaves out on purpose
"""

from __future__ import annotations

from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from standpoint.codebook import MAX_TOPICS, STANCES, Codebook

TEXT, TOPICS, TARGETS, STANCE, HOLDER, NOT_JUDGED = "text", "topics", "targets", "stance-", "holder-", "not-judged"
_STYLE = """
.passage {font-size: 1.15em; line-height: 1.6; padding: 1em; border: 1px solid #d0d0d0; border-radius: 6px}
.question {padding: 0.5em 0}
.target {border-left: 4px solid #7a9cc6; padding: 0 0 0 1em; margin: 0.5em 0}
"""


def make_label_config(codebook: Codebook) -> str:
    """Return the configuration as XML.

    Title, outlet and date are not shown: by the codebook's rule a passage is judged by its own words.
    """
    root = Element("View")
    SubElement(root, "Style").text = _STYLE
    SubElement(SubElement(root, "View", className="passage"), "Text", name=TEXT, value="$text")
    _add_topics(root, codebook)
    targets = SubElement(root, "View", className="question", **_unless_ticked("stances"))
    SubElement(targets, "Header", value="Which of these targets does the passage refer to?", size="4")
    _add_choices(targets, TARGETS, codebook.targets, "multiple", {})
    for target, wording in codebook.targets.items():
        _add_target(targets, codebook, target, wording)
    unjudged = SubElement(root, "View", className="question")
    SubElement(unjudged, "Header", value="Left out on purpose", size="5")
    names = {"topics": "topics not judged", "stances": "stances not judged"}
    _add_choices(unjudged, NOT_JUDGED, names, "multiple", {})
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _unless_ticked(task: str) -> dict[str, str]:
    return {"visibleWhen": "choice-unselected", "whenTagName": NOT_JUDGED, "whenChoiceValue": task}


def _add_topics(root: Element, codebook: Codebook) -> None:
    view = SubElement(root, "View", className="question", **_unless_ticked("topics"))
    several = codebook.topics.multi_label
    heading = f"What is it about? One to {MAX_TOPICS} topics" if several else "What is it about? One topic"
    SubElement(view, "Header", value=heading, size="4")
    hints = {topic: label.is_ for topic, label in codebook.topics.labels.items()}
    choices = _add_choices(view, TOPICS, codebook.topic_names, "multiple" if several else "single", hints)
    # Required only while visible, which ticking "topics not judged" ends.
    choices.attrib |= {"required": "true", "requiredMessage": "Choose a topic, or tick that topics are not judged"}
    choices.attrib |= _unless_ticked("topics")


def _add_target(parent: Element, codebook: Codebook, target: str, wording: str) -> None:
    ticked = {"visibleWhen": "choice-selected", "whenTagName": TARGETS, "whenChoiceValue": target}
    view = SubElement(parent, "View", className="target", **ticked)
    SubElement(view, "Header", value=f"Stance toward {wording}", size="5")
    stances = {stance: stance for stance in STANCES}
    choices = _add_choices(view, f"{STANCE}{target}", stances, "single", codebook.stance.labels)
    choices.attrib |= {"required": "true", "requiredMessage": f"Choose a stance toward {wording}, or untick it"}
    choices.attrib |= ticked
    placeholder = "whose stance? leave empty for the author's"
    holder = {"name": f"{HOLDER}{target}", "toName": TEXT, "placeholder": placeholder}
    SubElement(view, "TextArea", **holder, maxSubmissions="1", editable="true", rows="1")


def _add_choices(parent: Element, name: str, labels: dict[str, str], choice: str, hints: dict[str, str]) -> Element:
    """Add a group of choices whose values are our ids; `html` is what a person reads in their place."""
    choices = SubElement(parent, "Choices", name=name, toName=TEXT, choice=choice, showInline="true")
    for value, wording in labels.items():
        item = SubElement(choices, "Choice", value=value, html=escape(wording))
        if value in hints:
            item.set("hint", hints[value])
    return choices
