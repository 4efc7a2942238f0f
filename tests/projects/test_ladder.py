"""The ladder: cases from the table of levels, then what must hold whatever is in the log.

The cases were written from the rules' words, before the code: what each level needs, all of it,
and what the page says is missing.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.ladder import Entry, Rules, derive

TODAY = date(2026, 9, 1)
RULES = Rules(sessions=2, share=33)
BEFORE, SCOPING, DRAFTING, AFTER, SIGN_OFF, DELIVERY, REVIEW = range(7)


def told(on="2026-03-01", stage=SCOPING, **more):
    values = {"parents": 40, "told_how": "Leaflet in book bags", **more}
    return Entry(on=date.fromisoformat(on), counts_as="told", stage=stage, **values)


def asked(on="2026-03-02", stage=SCOPING, **more):
    return Entry(
        on=date.fromisoformat(on), counts_as="asked", stage=stage, **{"parents": 12, **more}
    )


def answered(on="2026-03-02", stage=SCOPING, **more):
    values = {"outcome": "The first pick-up is later", "replied_on": date(2026, 4, 1), **more}
    return asked(on, stage, **values)


def session(on="2026-03-03", stage=SCOPING, **more):
    """A whole one: parents, officers, a group, what they said and what became of it."""
    values = {"parents": 4, "officers": 4, "groups": 1, "said": "Too early", "outcome": "Later"}
    return Entry(on=date.fromisoformat(on), counts_as="together", stage=stage, **{**values, **more})


def coproduced(*more, without=()):
    """Everything that Co-production needs, in four sessions, less those of ``without``."""
    steps = {
        "scoping": session("2026-02-01", SCOPING),
        "drafting": session("2026-03-01", DRAFTING),
        "sign-off": session("2026-04-01", SIGN_OFF),
        "delivery": session("2026-05-01", DELIVERY),
    }
    return [*(step for name, step in steps.items() if name not in without), *more]


#: (what is in the log, the level, kinds of what the next level misses)
CASES = {
    # Nothing, or nothing that is evidence
    "an empty log": ([], None, {"told"}),
    "officers alone before drafting": ([session(parents=0, stage=SCOPING)], None, {"told"}),
    "told, but not how many": ([told(parents=0)], None, {"count"}),
    "told, but not how": ([told(told_how="")], None, {"how"}),
    "an entry of a day to come": ([told("2026-09-02")], None, {"told"}),
    # No parents involved
    "drafting without parents": ([session(parents=0, stage=DRAFTING)], 0, {"told"}),
    "sign-off without parents": ([session(parents=0, stage=SIGN_OFF)], 0, {"told"}),
    "a survey after the draft that nobody answered": ([asked(parents=0, stage=AFTER)], 0, {"told"}),
    "telling nobody is no stage without parents": ([told(parents=0, stage=AFTER)], None, {"count"}),
    # Information
    "told: when, how, how many": ([told()], 1, {"asked"}),
    "told at delivery": ([told(stage=DELIVERY)], 1, {"asked"}),
    "told after drafting without parents": (
        [session(parents=0, stage=DRAFTING), told("2026-04-01")],
        1,
        {"asked"},
    ),
    "asked without a reply": ([asked()], 1, {"reply"}),
    "asked, and the reply has no date": ([answered(replied_on=None)], 1, {"replied_on"}),
    "asked, and the reply is for later": (
        [answered(replied_on=date(2026, 9, 2))],
        1,
        {"replied_on"},
    ),
    "asked, with a date and no words": ([answered(outcome="")], 1, {"reply"}),
    "asked at sign-off": ([answered(stage=SIGN_OFF)], 1, {"asked"}),
    "asked in delivery": ([answered(stage=DELIVERY)], 1, {"asked"}),
    "one asking answered, one overdue": (
        [answered(), asked("2026-05-03", reply_due_on=date(2026, 7, 2))],
        1,
        {"unanswered"},
    ),
    # Consultation
    "asked and answered": ([answered()], 2, {"session", "group"}),
    "asked after the draft and answered": ([answered(stage=AFTER)], 2, {"session", "group"}),
    "one asking answered, one due today": (
        [answered(), asked(reply_due_on=TODAY)],
        2,
        {"session", "group"},
    ),
    "one answered, one answered late": (
        [answered(), answered("2026-05-03", reply_due_on=date(2026, 3, 20))],
        2,
        {"session", "group"},
    ),
    "one session with a dated reply": (
        [session(replied_on=date(2026, 4, 1))],
        2,
        {"session"},
    ),
    "two sessions, no group": (
        [session(groups=0, replied_on=date(2026, 4, 1)), session("2026-04-01", groups=0)],
        2,
        {"group"},
    ),
    "two sessions, of one no word": (
        [session(replied_on=date(2026, 4, 1)), session("2026-04-01", said="")],
        2,
        {"session", "said"},
    ),
    "two sessions, one came to nothing that is known": (
        [session(replied_on=date(2026, 4, 1)), session("2026-04-01", outcome="")],
        2,
        {"session", "outcome"},
    ),
    "two sessions, one without officers": (
        [session(replied_on=date(2026, 4, 1)), session("2026-04-01", officers=0)],
        2,
        {"session"},
    ),
    "two sessions, one of them at sign-off": (
        [session(replied_on=date(2026, 4, 1)), session("2026-04-01", SIGN_OFF)],
        2,
        {"session"},
    ),
    # Participation
    "two sessions after the draft": (
        [session(stage=AFTER), session("2026-04-01", AFTER)],
        3,
        {"early", "sign_off"},
    ),
    "two sessions while scoping": ([session(), session("2026-04-01")], 3, {"sign_off"}),
    "a group in one of them is enough": (
        [session(), session("2026-04-01", groups=0)],
        3,
        {"sign_off"},
    ),
    "all but sign-off": (coproduced(without=["sign-off"]), 3, {"sign_off"}),
    "joint, but signed off without parents": (
        coproduced(session("2026-04-01", SIGN_OFF, parents=0), without=["sign-off"]),
        3,
        {"sign_off", "stage"},
    ),
    "told of sign-off": (
        coproduced(told("2026-04-01", SIGN_OFF), without=["sign-off"]),
        3,
        {"sign_off"},
    ),
    "asked at sign-off, not part of it": (
        coproduced(asked("2026-04-01", SIGN_OFF), without=["sign-off"]),
        3,
        {"sign_off"},
    ),
    "delivery without parents": (
        coproduced(session("2026-05-01", DELIVERY, parents=0, officers=1), without=["delivery"]),
        3,
        {"stage"},
    ),
    "officers drafted before parents came in": (
        [
            session("2026-02-01", DRAFTING, parents=0, officers=1),
            session("2026-03-01", DRAFTING),
            session("2026-03-08", DRAFTING),
            session("2026-04-01", SIGN_OFF),
        ],
        3,
        {"early"},
    ),
    "amended what was already written": (
        [
            session("2026-02-01", AFTER),
            session("2026-03-01", DRAFTING),
            session("2026-03-08", AFTER),
            session("2026-04-01", SIGN_OFF),
        ],
        3,
        {"early"},
    ),
    "a telling isn't coming in": (
        [
            told("2026-01-01", BEFORE),
            session("2026-02-01", AFTER),
            session("2026-03-08", AFTER),
            session("2026-04-01", SIGN_OFF),
        ],
        3,
        {"early"},
    ),
    "fewer than a third were parents": (
        [session(e.on.isoformat(), e.stage, parents=1, officers=3) for e in coproduced()],
        3,
        {"share"},
    ),
    # Co-production
    "joint from the start to the decision": (coproduced(), 4, set()),
    "asked first, then joint": (
        [
            answered("2026-01-05", BEFORE),
            *coproduced(without=["scoping"]),
            session("2026-03-09", 2),
        ],
        4,
        set(),
    ),
    "a third exactly": (
        [session(e.on.isoformat(), e.stage, parents=1, officers=2) for e in coproduced()],
        4,
        set(),
    ),
    "officers met once, parents were there at that stage": (
        coproduced(session("2026-03-05", DRAFTING, parents=0, officers=2)),
        4,
        set(),
    ),
    "told at review, later": (coproduced(told("2026-06-01", REVIEW)), 4, set()),
    "an asking that may still wait": (
        coproduced(asked("2026-08-01", DELIVERY, reply_due_on=date(2026, 9, 30))),
        4,
        set(),
    ),
    # What lowers it
    "co-produced, then views left unanswered": (
        coproduced(asked("2026-05-03", DELIVERY, reply_due_on=date(2026, 7, 2))),
        1,
        {"unanswered", "replied_on"},
    ),
    "co-produced, then a review without parents": (
        coproduced(session("2026-06-01", REVIEW, parents=0, officers=1)),
        3,
        {"stage"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_level_when_the_log_holds_this_then_this(name):
    entries, level, missing = CASES[name]
    standing = derive(entries, RULES, TODAY)
    assert standing.level == level
    upper = (level or 0) + 1
    if upper <= 4:
        assert {fact.kind for fact in standing.steps[upper].missing} == missing
    assert all(bool(step.missing) != step.reached for step in standing.steps.values())
    assert standing.because


def test_order_of_entries_when_shuffled_changes_nothing():
    entries = coproduced(answered(), told())
    assert derive(entries[::-1], RULES, TODAY) == derive(entries, RULES, TODAY)


@pytest.mark.parametrize(("sessions", "level"), [(1, 3), (2, 3), (3, None), (4, None)])
def test_sessions_when_the_forum_sets_more_are_needed(sessions, level):
    entries = [session(), session("2026-04-01")]
    reached = derive(entries, Rules(sessions=sessions, share=33), TODAY).level
    assert reached == (level or 1)


def test_share_when_the_forum_sets_a_half_is_needed():
    entries = coproduced(session("2026-04-02", DELIVERY, parents=3, officers=5))
    assert derive(entries, Rules(2, 33), TODAY).level == 4
    after = derive(entries, Rules(2, 50), TODAY)
    assert after.level == 3
    assert "19 of 40" in after.steps[4].missing[0].text


def test_reply_when_its_last_day_passes_then_the_page_says_what_was_not_answered():
    entries = [answered(), asked("2026-05-03", reply_due_on=date(2026, 7, 2))]
    assert derive(entries, RULES, date(2026, 7, 2)).level == 2
    standing = derive(entries, RULES, date(2026, 7, 3))
    assert standing.level == 1
    (missing,) = standing.steps[2].missing
    assert missing.text == (
        "Views asked for on 3 May 2026 are unanswered. The reply was due by 2 July 2026."
    )
    assert missing.on == date(2026, 5, 3)
    assert missing in standing.steps[4].missing


def test_earlier_beginning_when_missed_says_that_it_cannot_be_made_up():
    standing = derive(CASES["two sessions after the draft"][0], RULES, TODAY)
    early = next(m for m in standing.steps[4].missing if m.kind == "early")
    assert "3 March 2026" in early.text
    assert not early.can_come
    assert all(m.can_come for m in standing.steps[4].missing if m.kind != "early")


# Whatever is in the log ------------------------------------------------------------------------

days = st.integers(0, 200).map(lambda n: date(2026, 3, 1) + timedelta(days=n))
words = st.sampled_from(["", "Too early"])
entries = st.builds(
    Entry,
    on=days,
    counts_as=st.sampled_from(["told", "asked", "together"]),
    stage=st.sampled_from([0, 1, 1, 2, 2, 3, 4, 4, 5, 6]),
    parents=st.sampled_from([0, 1, 4, 9]),
    officers=st.sampled_from([0, 1, 2, 9]),
    groups=st.sampled_from([0, 1]),
    said=words,
    outcome=words,
    replied_on=st.none() | days,
    reply_due_on=st.none() | days,
    told_how=words,
)
#: Logs that reach the upper levels often enough for a fall from them to be tried.
logs = st.one_of(
    st.lists(entries, max_size=7),
    st.lists(entries, max_size=3).map(lambda more: [*coproduced(), *more]),
)
DEGRADED = (
    {"parents": 0},
    {"groups": 0},
    {"said": ""},
    {"outcome": ""},
    {"replied_on": None},
    {"told_how": ""},
    {"parents": 0, "groups": 0, "said": "", "outcome": "", "replied_on": None, "told_how": ""},
)
#: Entries can lower a level only for these; all else is what is missing from the log.
LOWERS = {"unanswered", "early", "share", "stage"}


def height(standing):
    """None and 0 are both below the first rung."""
    return standing.level or 0


@settings(max_examples=600, deadline=None)
@given(logs, st.data())
def test_level_when_evidence_is_taken_away_never_rises(log, data):
    before = derive(log, RULES, TODAY)
    if not log:
        return
    after = log
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(log) - 1))
        less = replace(after[at], **data.draw(st.sampled_from(DEGRADED)))
        after = [*after[:at], less, *after[at + 1 :]]
    assert height(derive(after, RULES, TODAY)) <= height(before)


@settings(max_examples=400, deadline=None)
@given(logs, st.data())
def test_level_when_an_entry_is_taken_back_rises_only_if_it_was_named_as_the_reason(log, data):
    if not log:
        return
    at = data.draw(st.integers(0, len(log) - 1))
    before = derive(log, RULES, TODAY)
    after = derive([*log[:at], *log[at + 1 :]], RULES, TODAY)
    for level in range(height(before) + 1, height(after) + 1):
        reasons = {fact.kind for fact in before.steps[level].missing}
        assert reasons & LOWERS


@settings(max_examples=600, deadline=None)
@given(logs, entries)
def test_level_when_an_entry_is_added_falls_only_for_a_reason_that_is_stated(log, new):
    before, after = derive(log, RULES, TODAY), derive([*log, new], RULES, TODAY)
    for level in range(height(after) + 1, height(before) + 1):
        if not before.steps[level].reached:
            continue
        reasons = {fact.kind for fact in after.steps[level].missing}
        assert reasons
        assert reasons <= LOWERS


@settings(max_examples=300, deadline=None)
@given(logs)
def test_level_when_derived_is_the_highest_complete_row(log):
    standing = derive(log, RULES, TODAY)
    complete = [level for level, step in standing.steps.items() if step.reached]
    assert height(standing) == max(complete, default=0)
    assert sorted(standing.steps) == [1, 2, 3, 4]
    assert all(step.reached != bool(step.missing) for step in standing.steps.values())


@settings(max_examples=300, deadline=None)
@given(logs, days, days)
def test_level_when_only_time_passes_falls_only_for_an_unanswered_asking(log, one, other):
    log = [replace(entry, on=min(entry.on, date(2026, 3, 1))) for entry in log]
    first, last = sorted((one, other))
    before, after = derive(log, RULES, first), derive(log, RULES, last)
    if height(after) < height(before):
        assert any(m.kind == "unanswered" for m in after.steps[height(before)].missing)
