"""Text becomes model input in one way: stable, marked, padded, and independent of its neighbours."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from standpoint import encoding
from standpoint.encoding import ModelInput, compose, encode, load_tokenizer, normalise, pad, target_key, tokenise

ANY_TEXT = st.text(st.characters(), max_size=60)  # all code points, lone surrogates among them
NASTY = st.text(
    st.sampled_from("aé\u0301\u200d\u200b\u00ad\u00a0\u2028\r\n\x07\x85\ud83d\ude00\u1100\u1161[] \ufeff"), max_size=30
)


@given(st.text(max_size=12) | st.text("a é\u0301\u200b\u00a0\u115f\ufe0f.\n", max_size=12))
def test_shortcut_for_clean_text_changes_nothing(text: str) -> None:
    quick = normalise(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "_is_normal", lambda text: False)
        assert normalise(text) == quick


@given(ANY_TEXT | NASTY)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY_TEXT | NASTY)
def test_normalised_text_is_clean(text: str) -> None:
    once = normalise(text)
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in once)
    assert once == " ".join(once.split())
    once.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0b", "a b"),
        ("a\u200bb", "ab"),
        ("co\u00adoperate", "cooperate"),
        ("one\r\ntwo", "one two"),
        ("e\u0301tat", "état"),
        ("e\u200d\u0301tat", "état"),
        ("bell\x07rings", "bell rings"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\ufeffStart \t end ", "Start end"),
        ("\ud800 half", "\ufffd half"),
        ("\ud83d\udd4a", "🕊"),
        ("“Quoted” — CAPS, 5.6%", "“Quoted” — CAPS, 5.6%"),
        ("", ""),
        (" \u200b\n", ""),
    ],
)
def test_normalise_known_cases(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "wording", ["NATO enlargement", " nato  ENLARGEMENT ", "«NATO enlargement»", "NATO\u00a0enlargement"]
)
def test_wordings_that_differ_in_case_space_and_quotes_are_one_target(wording: str) -> None:
    assert target_key(wording) == "nato enlargement"


@given(ANY_TEXT | NASTY)
def test_a_key_is_its_own_key(text: str) -> None:
    assert target_key(target_key(text)) == target_key(text)


def test_compose_normalises_both_sides() -> None:
    assert compose(" a\u00a0b ", "the\u200b levy") == ModelInput("a b", "the levy")
    assert compose("a").target is None


@given(before=ANY_TEXT | NASTY, mention=(ANY_TEXT | NASTY).filter(bool), after=ANY_TEXT | NASTY)
def test_marks_surround_exactly_the_mention(before: str, mention: str, after: str) -> None:
    passage = before + mention + after
    found = compose(passage, "it", (len(before), len(before) + len(mention))).text
    parts = (normalise(before), "[", normalise(mention), "]", normalise(after))
    assert found == " ".join(part for part in parts if part)


@pytest.mark.parametrize("mention", [(-1, 2), (0, 0), (2, 1), (0, 7), (6, 7)])
def test_a_mention_outside_the_passage_is_refused(mention: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"mention -?\d:\d is not inside a passage of 6 characters"):
        compose("theses", None, mention)


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Tokenizer:
    return load_tokenizer(str(tiny_encoder / "tokenizer.json"), 16)


def test_encode_shapes_and_padding(tokenizer: Tokenizer) -> None:
    batch = encode(tokenizer, [ModelInput("the envoy"), ModelInput("the envoy praised", "the port levy")])
    assert batch.input_ids.shape == batch.attention_mask.shape == batch.token_type_ids.shape == (2, 9)
    assert batch.input_ids.dtype == np.int64
    assert batch.attention_mask.sum(axis=1).tolist() == [4, 9]
    assert batch.input_ids[0, 4:].tolist() == [tokenizer.token_to_id("[PAD]")] * 5
    assert batch.token_type_ids[1].tolist() == [0] * 5 + [1] * 4
    assert batch.truncated.tolist() == [False, False]


def test_a_target_stands_before_its_passage(tokenizer: Tokenizer) -> None:
    [(ids, _, _)] = tokenise(tokenizer, [ModelInput("the envoy", "port")])
    assert [tokenizer.id_to_token(i) for i in ids] == ["[CLS]", "port", "[SEP]", "the", "envoy", "[SEP]"]


def test_encoding_nothing_gives_empty_arrays(tokenizer: Tokenizer) -> None:
    assert encode(tokenizer, []).input_ids.shape == (0, 0)
    assert pad([], 0).truncated.shape == (0,)


@pytest.mark.parametrize("target", [None, "the port levy"])
def test_what_was_cut_is_flagged_and_the_target_stays(tokenizer: Tokenizer, target: str | None) -> None:
    short, long = tokenise(tokenizer, [ModelInput("the envoy", target), ModelInput("the envoy " * 40, target)])
    assert (short[2], long[2]) == (False, True)
    assert len(long[0]) == 16
    if target:
        assert [tokenizer.id_to_token(i) for i in long[0][:5]] == ["[CLS]", "the", "port", "levy", "[SEP]"]


@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=5), target=st.none() | ANY_TEXT)
def test_a_text_is_encoded_alike_alone_and_in_a_batch(
    tokenizer: Tokenizer, texts: list[str], target: str | None
) -> None:
    inputs = [compose(text, target) for text in texts]
    batch = encode(tokenizer, inputs)
    for row, item in enumerate(inputs):
        alone = encode(tokenizer, [item])
        width = alone.input_ids.shape[1]
        assert batch.input_ids[row, :width].tolist() == alone.input_ids[0].tolist()
        assert batch.token_type_ids[row, :width].tolist() == alone.token_type_ids[0].tolist()
        assert batch.attention_mask[row].tolist() == [1] * width + [0] * (batch.input_ids.shape[1] - width)
        assert batch.truncated[row] == alone.truncated[0]


def test_special_tokens_in_a_text_are_text(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(str(tiny_encoder / "tokenizer.json"), 64)
    separator = tokenizer.token_to_id("[SEP]")
    [(ids, _, _)] = tokenise(tokenizer, [ModelInput("the treaty [SEP] holds [PAD]")])
    assert ids.count(separator) == 1  # the one that ends the text
