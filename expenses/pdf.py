"""Documents about money as tagged PDFs. Never writes."""

from typing import Any

from coprod import clocks, pdf
from coprod.models import Forum
from coprod.templatetags.forum import day
from expenses.benefits import Received
from expenses.reports import Report
from expenses.statements import Statement


def statement_pdf(statement: Statement) -> bytes:
    """What somebody was paid in a tax year."""
    person, forum = statement.person, Forum.current()
    title = f"Statement of money paid, {statement.name}"
    today = day(clocks.today())
    cover = [
        {"label": "For", "value": person.name},
        {"label": "Tax year", "value": f"{day(statement.first)} to {day(statement.last)}"},
    ]
    if forum.phone:
        cover.append({"label": "Ask us", "value": f"{forum.phone}, also for large print"})
    context: dict[str, Any] = {
        "forum": forum,
        "title": title,
        "about": f"What {forum.name} paid {person.name} in the tax year {statement.name}",
        "foot": f"{title}, made on {today}",
        "sub": [f"Made on {today}"],
        "state": {"word": "The year isn’t over", "look": "draft"} if statement.is_running else None,
        "cover": cover,
        "statement": statement,
    }
    return pdf.render("pdf/expenses/statement.html", context)


def money_report_pdf(report: Report) -> bytes:
    """The report for a funder. It names nobody."""
    forum = Forum.current()
    title = "Report on money and taking part"
    period = f"{day(report.first)} to {day(report.last)}"
    cover = [
        {"label": "Period", "value": period},
        {"label": "Counted on", "value": day(report.on)},
    ]
    if report.funders:
        cover.append({"label": "Paid for by", "value": ", ".join(report.funders)})
    context: dict[str, Any] = {
        "forum": forum,
        "title": title,
        "about": f"Report on money and taking part of {forum.name}, {period}",
        "foot": f"{title}, {period}",
        "sub": [period],
        "cover": cover,
        "report": report,
    }
    return pdf.render("pdf/expenses/money_report.html", context)


def benefits_letter(received: Received) -> bytes:
    """For a benefits office: what somebody received in a period, money back and thank-yous apart.

    Only their own data, and nothing of any family.
    """
    person, forum = received.person, Forum.current()
    period = f"{day(received.first)} to {day(received.last)}"
    today = day(clocks.today())
    cover = [{"label": "About", "value": person.name}, {"label": "Period", "value": period}]
    context: dict[str, Any] = {
        "forum": forum,
        "title": "Money received from us",
        "about": f"What {person.name} received from {forum.name}, {period}",
        "foot": f"Money received from us. Made on {today}",
        "sub": [f"To whom it may concern, {today}"],
        "cover": cover,
        "received": received,
    }
    return pdf.render("pdf/expenses/benefits_letter.html", context)
