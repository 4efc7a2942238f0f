"""The demonstration's claims, from the first photo to the bank."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from coprod import clocks
from coprod.demo.story import Story
from expenses.answers import pages_of
from expenses.demo.told import Planned, meeting_of, moment, pence, person_called, treasurer
from expenses.models import Claim
from expenses.services import confirming, deciding, paying, receipts, sending
from expenses.services.lines import write_lines
from meetings.models import Meeting
from members.models import Person

#: What an invented till printed, by the word in the claim.
TILLS = {
    "parking": ["HARBOUR CAR PARK", "TICKET 0417", "3 HOURS     3.20", "THANK YOU"],
    "bus": ["LARKMERE BUSES", "ROUTE 14", "2 x SINGLE  5.60"],
    "taxi": ["SALTINGS CARS", "JOB 2291", "TOTAL      11.40"],
}


def plan_claims(story: Story, told: dict[str, Any], planned: Planned) -> None:
    """Each claim from its meeting's day on; whoever wasn't at that many meetings has none."""
    for row in told["claim"]:
        meeting = meeting_of(story, row)
        if meeting is not None:
            _Claim(story, row, meeting).plan(planned)


class _Claim:
    """One claim: planned step by step, each at its own moment."""

    def __init__(self, story: Story, row: dict[str, Any], meeting: Meeting) -> None:
        self.story, self.row, self.meeting = story, row, meeting
        self.claim: Any = None

    @property
    def person(self) -> Person:
        return person_called(self.story, self.row["person"])

    @property
    def treasurer(self) -> Person:
        return treasurer(self.story)

    def plan(self, planned: Planned) -> None:
        row = self.row
        state = row.get("state", "paid")
        sent = row.get("sent", 1)
        if "ago" in row:
            sent = max((self.story.today - self.meeting.date).days - row["ago"], 0)
        self._at(planned, sent, 21, self.begin)
        if state == "unconfirmed":
            self._at(planned, sent, 21.2, self.hand_over)
        elif state != "draft":
            self._at(planned, sent, 21.2, self.send)
        after = {"questioned": self.ask, "declined": self.decline}.get(state, self.approve)
        if state in ("questioned", "declined", "approved", "paid"):
            self._at(planned, sent + 1, 19, after)
        if state == "paid":
            self._at(planned, row["paid"], 19, self.pay)

    def _at(self, planned: Planned, days: int, hour: float, step: Any) -> None:
        planned.append((moment(self.meeting.date + timedelta(days=days), hour), step))

    def begin(self, at: datetime) -> None:
        by = self.person if self.person.email else self.story.hester
        self.claim = sending.begin_claim(
            person=self.person, key=uuid4(), by=by, meeting=self.meeting, at=at
        )
        rows = [self._line(line) for line in self.row["lines"]]
        if till := TILLS.get(self.row.get("receipt", "")):
            receipts.store_receipt(claim=self.claim, upload=photo(till), by=by, at=at)
        else:
            for line in rows:
                if "asked" in line:
                    line.setdefault("no_receipt", "I didn’t get one")
        write_lines(self.claim, rows)
        # As if typed page by page, so that each page shows what the lines say.
        Claim.objects.filter(pk=self.claim.pk).update(
            typed=pages_of(self.claim.lines.all()),
            pay_by=self.row.get("pay_by", Claim.PayBy.BANK),
        )

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        said = {"on": self.meeting.date, **line}
        if "asked" in said:
            said["asked"] = pence(said["asked"])
        for name in ("miles", "hours"):
            if name in said:
                said[name] = Decimal(said[name])
        return said

    def send(self, at: datetime) -> None:
        sending.send_claim(claim=self.claim, by=self.person, at=at)

    def hand_over(self, at: datetime) -> None:
        confirming.hand_over(claim=self.claim, by=self.story.hester, at=at)

    def _now(self) -> Claim:
        return Claim.objects.get(pk=self.claim.pk)

    def approve(self, at: datetime) -> None:
        claim = self._now()
        deciding.approve_claim(claim=claim, edit_no=claim.edit_no, by=self.treasurer, at=at)

    def ask(self, at: datetime) -> None:
        claim = self._now()
        deciding.ask_about(
            claim=claim,
            edit_no=claim.edit_no,
            text=self.row["question"],
            by=self.treasurer,
            at=at,
        )

    def decline(self, at: datetime) -> None:
        claim = self._now()
        deciding.decline_claim(
            claim=claim,
            edit_no=claim.edit_no,
            reason=self.row["reason"],
            by=self.treasurer,
            at=at,
        )

    def pay(self, at: datetime) -> None:
        run = paying.make_run(claims=[self._now()], by=self.treasurer, key=uuid4(), at=at)
        paying.pay_run(run=run, by=self.treasurer, paid_on=clocks.today(at), at=at)


def photo(lines: list[str]) -> SimpleUploadedFile:
    """A photo of a till receipt that no till ever printed."""
    image = Image.new("RGB", (900, 1200), "#8a8378")
    draw = ImageDraw.Draw(image)
    draw.rectangle((150, 90, 750, 1110), fill="#fdfcf8")
    for number, line in enumerate(lines):
        draw.text((200, 160 + number * 110), line, fill="#222", font_size=44)
    kept = BytesIO()
    image.save(kept, "JPEG", quality=80)
    return SimpleUploadedFile("receipt.jpg", kept.getvalue(), "image/jpeg")
