"""From a box of text to paragraphs: how it is read, and which paragraph is which after an edit."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings import proofing, writing

MET = date(2026, 9, 29)


def read(text):
    return writing.paragraphs(text, met_on=MET)


@pytest.mark.parametrize(
    ("text", "kinds", "texts"),
    [
        ("", [], []),
        ("\n \n\t\n", [], []),
        ("One.", ["text"], ["One."]),
        ("One.\n\nTwo.", ["text", "text"], ["One.", "Two."]),
        ("One.\r\n\r\n\r\nTwo.", ["text", "text"], ["One.", "Two."]),
        ("One\nline", ["text"], ["One\nline"]),
        ("Said so.\nAction: Ring them", ["text", "action"], ["Said so.", "Ring them"]),
        ("Action: Ring them\nThen we left.", ["action", "text"], ["Ring them", "Then we left."]),
        ("Action: Ring the\ncouncil", ["action"], ["Ring the\ncouncil"]),
        ("DECISION : Yes", ["decision"], ["Yes"]),
        ("ask:Put it online", ["ask"], ["Put it online"]),
        ("Action:\nRing them", ["action"], ["Ring them"]),
        ("Action:", ["text"], ["Action:"]),
        ("Actions: none", ["text"], ["Actions: none"]),
        ("The action: ring them", ["text"], ["The action: ring them"]),
    ],
)
def test_paragraphs_when_text_is_typed_are_as_a_reader_expects(text, kinds, texts):
    assert [w.kind for w in read(text)] == kinds
    assert [w.text for w in read(text)] == texts


@pytest.mark.parametrize(
    ("line", "who", "due"),
    [
        ("Hester to ring the council by 2 October", "Hester", date(2026, 10, 2)),
        ("Ring the council (Hester, by 2 October)", "Hester", date(2026, 10, 2)),
        ("Ring the council (Hester, 2 October)", "Hester", date(2026, 10, 2)),
        ("Ring the council (Hester)", "Hester", None),
        ("Ring the council (by 2 October)", "", date(2026, 10, 2)),
        ("The transport team will write it by Friday 2nd October 2026.", "The transport team",
         date(2026, 10, 2)),
        ("Hester to ring by 2nd of Oct and report back", "Hester", date(2026, 10, 2)),
        ("Hester to ring by 2/10/26", "Hester", date(2026, 10, 2)),
        ("Hester to ring by 3 January", "Hester", date(2027, 1, 3)),
        ("Hester to ring by the end of October", "Hester", date(2026, 10, 31)),
        ("Hester to ring by November", "Hester", date(2026, 11, 30)),
        ("Send the letter to parents", "", None),
        ("Leaflets to be printed by the council", "", None),
        ("Ring the council (see paper 2)", "", None),
        ("Hester to ring by 31 February", "Hester", None),
    ],
)  # fmt: skip
def test_action_when_typed_in_common_ways_gives_owner_and_date(line, who, due):
    [written] = read(f"Action: {line}")

    assert (written.who, written.due_on) == (who, due)


def test_action_when_date_is_vague_keeps_it_as_written():
    [written] = read("Action: Hester to ring by the next meeting")

    assert (written.due_text, written.due_on) == ("the next meeting", None)


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("Photo cards for all (everyone agreed)", "everyone agreed"),
        ("Photo cards for all (vote: 9 for, 2 against)", "vote: 9 for, 2 against"),
        ("Photo cards for all (see paper 2)", ""),
        ("Photo cards for all", ""),
    ],
)
def test_decision_when_typed_says_how_it_was_reached(line, how):
    assert read(f"Decision: {line}")[0].who == how


A, B, C = (
    "Six families tried the draft page and found whom to ring.",
    "Parents asked for the longest wait to be shown as well.",
    "Booking opened on 5 October and was full within the hour.",
)


@pytest.mark.parametrize(
    ("old", "new", "continued"),
    [
        ([A, B], [A, B], [0, 1]),
        ([A, B], [B, A], [1, 0]),  # moved
        ([A, B], [A, C, B], [0, None, 1]),  # put in between
        ([A, B, C], [A, C], [0, 2]),  # taken out
        ([A], [A.replace("Six", "Seven")], [0]),  # edited
        ([A], [C], [None]),  # another paragraph
        ([f"{A} {B}"], [A, B], [0, None]),  # split: the first half keeps the identity
        ([A, B], [f"{A} {B}"], [0]),  # joined
        ([A, A], [A, A, A], [0, 1, None]),  # the same words twice
        ([], [A], [None]),
        ([A], [], []),
        (["Yes", A], ["Yes, all of us", A], [None, 1]),
    ],
)
def test_match_when_text_is_edited_keeps_identity(old, new, continued):
    assert writing.match(old, new) == continued


texts = st.lists(
    st.text(alphabet="abc .:\n", max_size=30) | st.sampled_from([A, B, C, "Action: x", "Ask: y"]),
    max_size=8,
)


@given(old=texts, new=texts)
@settings(max_examples=200, deadline=None)
def test_match_always_uses_each_old_paragraph_once(old, new):
    continued = [index for index in writing.match(old, new) if index is not None]

    assert len(set(continued)) == len(continued)
    assert all(0 <= index < len(old) for index in continued)


@given(text=st.text(alphabet="aA ActionDecisionAsk:()\n\r.,12", max_size=200))
@settings(max_examples=300, deadline=None)
def test_paragraphs_always_keep_every_typed_word(text):
    shown = " ".join(w.text if w.kind == "text" else f"{w.kind}: {w.text}" for w in read(text))

    def bare(words):
        return "".join(words.lower().replace(":", "").split())

    assert bare(shown) == bare(text)


def box(found):
    return "\n\n".join(
        w.text if w.kind == "text" else f"{w.kind.capitalize()}: {w.text}" for w in found
    )


@given(text=st.text(alphabet="aA ActionDecisionAsk:()\n\r.,12", max_size=200))
@settings(max_examples=300, deadline=None)
def test_paragraphs_always_come_back_the_same_from_the_box(text):
    once = read(text)

    assert read(box(once)) == once


@given(theirs=texts, mine=texts)
@settings(max_examples=100, deadline=None)
def test_joined_always_holds_every_paragraph_of_both(theirs, mine):
    both = writing.joined("\n\n".join(theirs), "\n\n".join(mine))

    for text in ("\n\n".join(theirs), "\n\n".join(mine)):
        for word in text.split():
            assert word in both


SECRET = "One family told us that the respite worker never came that night"


@pytest.mark.parametrize(
    ("old", "new", "private"),
    [
        ([(SECRET, True)], [SECRET], {0}),
        ([(SECRET, True)], [SECRET + " at all"], {0}),  # edited
        ([(f"{SECRET}. {B}", True)], [SECRET, B], {0, 1}),  # split
        ([(A, False), (SECRET, True)], [f"{A} {SECRET}"], {0}),  # joined to a public one
        ([(f"{A} {B} {C}", False), (SECRET, True)], [f"{A} {B} {C} {SECRET}"], {0}),
        ([(SECRET, True), (A, False)], ["Somebody wasn’t helped.", A], {0}),  # rewritten
        ([(SECRET, True), (A, False)], [A, C], set()),  # taken out; something else further down
        ([(A, False), (SECRET, True)], [SECRET, A], {0}),  # moved
        ([(A, False)], [A, SECRET], set()),  # words that were never private
    ],
)
def test_slips_when_private_words_move_keeps_them_private(old, new, private):
    continued = writing.match([text for text, _ in old], new)
    stayed = {j for j, i in enumerate(continued) if i is not None and old[i][1]}

    assert stayed | set(writing.slips(old, new, continued)) == private


def test_slips_when_words_come_from_another_item_finds_them():
    assert set(writing.slips([(A, False)], [A, SECRET], [0, None], [SECRET])) == {1}


def test_match_when_two_hundred_paragraphs_are_rewritten_still_ends():
    old = [f"{n} {' '.join(str((n * k) % 31) for k in range(60))}" for n in range(200)]
    new = [f"{n} {' '.join(str((n * k) % 37) for k in range(60))}" for n in range(200)]

    assert len(writing.match(old, new)) == 200


# What is listed for a second look


def test_look_through_when_text_has_them_lists_each_kind_with_its_number():
    found = proofing.look_through(
        [
            proofing.Text("1.1", "The EHCP team and the NHS came. The EHCP was late."),
            proofing.Text("1.2", "Her daughter, aged 9, was alone. " + "word " * 30),
            proofing.Text("1.3", "SENDIASS (the advice service) helped Nadia Karim."),
        ],
        ["Nadia Karim", "Nad"],
    )

    assert [(r.number, r.words) for r in found.abbreviations] == [("1.1", "EHCP")]
    assert [r.number for r in found.sentences] == ["1.2"]
    assert {r.words for r in found.children} == {"Her daughter", "aged 9"}
    assert [(r.number, r.words) for r in found.names] == [("1.3", "Nadia Karim")]


def test_short_version_remarks_when_sentences_are_many_or_long_counts_them():
    count, long = proofing.short_version_remarks("One two.\nThree!\n" + "word " * 16 + ".")

    assert (count, len(long)) == (3, 1)


# Private words in the short version

PRIVATE = "One family described a review that was held without them, at the Millbrook site."


@pytest.mark.parametrize(
    ("short", "public", "found"),
    [
        ("Nothing of it.", [], []),
        ("A review that was held without them.", [], ["A review that was held without them"]),
        ("A review that was held, without THEM!", [], ["A review that was held, without THEM"]),
        ("A review that was held without them.", ["a review that was held without them"], []),
        ("We were at Millbrook.", [], ["Millbrook"]),
        ("We were at Millbrook.", ["The Millbrook bus is late."], []),
        ("One family, a review.", [], []),  # words that anybody uses
        ("Held without them. One family described a review.", [],
         ["One family described a review"]),
        (PRIVATE, [], [PRIVATE.rstrip(".")]),
        ("", [], []),
    ],
)  # fmt: skip
def test_slipped_when_private_words_stand_in_the_short_version_lists_them(short, public, found):
    assert proofing.slipped(short, [PRIVATE], public) == found


def test_slipped_when_a_name_begins_the_private_sentence_finds_it():
    found = proofing.slipped("Vale and Hester agree.", ["Hester Vale was upset."], [])

    assert sorted(found) == ["Hester", "Vale"]
