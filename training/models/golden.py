"""The inputs that every artifact is asked again when it is loaded: ordinary ones and ugly ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.examples import Example

UGLY = (
    "",
    " \t\n ",
    "Yes.",
    "The delegation welcomed the treaty. " * 280,  # 10,000 characters
    "\u00a0The  talks\u200b were\u00adheld\ufeff in\r\nGeneva\u2028today.\x07",
    "Le\u0301gislation et souverainete\u0301",  # decomposed accents
    "🕊️ A ceasefire, now! 👩\u200d👩\u200d👧 🇺🇳",
    "Переговоры должны продолжиться без предварительных условий.",
    "制裁必须解除，对话必须恢复。",
    "يجب أن يستمر الحوار بين الطرفين.",
    "Zqxv blorptang frumious qwertzuiop vexillibrium.",
    "ALL CAPITALS: THE COUNCIL MET AND ADJOURNED.",
    "<p>The &ldquo;alliance&rdquo; &amp; its members</p>",
    "1234567890 $5.6bn 12%% --- ??? !!!",
    "a" * 3000,
    "\ud800 half a pair",
    "[CLS] the treaty [SEP] [MASK] [PAD]",
)
USUAL = 32


def golden_inputs(examples: Sequence[Example], targets: Sequence[str], task: str) -> list[dict[str, Any]]:
    """Return about 50 raw inputs (`text`, and `target` for stance), the same for the same examples."""
    ordinary = sorted(examples, key=lambda example: example.id)
    ordinary = ordinary[:: max(1, len(ordinary) // USUAL)][:USUAL]
    texts = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in UGLY]
    if task == "topic":
        return [{"text": text} for text in texts] + [{"text": example.text} for example in ordinary]
    wordings = [*targets[:3], "a target that nobody has asked about"]
    return [{"text": text, "target": wordings[i % len(wordings)]} for i, text in enumerate(texts)] + [
        {"text": example.text, "target": example.target} for example in ordinary
    ]
