"""The promise about money, computed from the records; never a write.

Nobody is named and no sum is shown: a line says only on which day a claim was sent.
"""

from django.db.models import F, Q

from coprod.models import Forum
from coprod.registry import Promise, PromiseResult
from coprod.templatetags.forum import day, plural
from expenses.models import Claim

#: How many results are shown.
SHOWN = 8
#: Days to pay where no claim has been sent yet.
USUAL = 14


def of_claims(forum: Forum) -> list[Promise]:
    """Money back in time; a claim that isn't paid counts once its day has passed.

    Claims that were declined or taken back don't count, nor does a difference that a new rate
    made by itself: nobody had asked for it. One question.
    """
    claims = Claim.objects.filter(sent_at__isnull=False).exclude(lines__kind="top_up")
    claims = claims.filter(Q(state="paid") | Q(pk__in=Claim.objects.unpaid().values("pk")))
    newest = claims.order_by(F("paid_at").desc(nulls_first=True), "-sent_at", "-pk")
    results: list[PromiseResult] = []
    days = USUAL
    for claim in newest.only("sent_at", "appealed_at", "paid_at", "pay_days", "state")[: SHOWN * 8]:
        clock = claim.clock
        if clock is None or clock.state == "running" or len(results) == SHOWN:
            continue
        days = claim.pay_days if not results else days
        results.append(
            PromiseResult(
                label=f"A claim that was sent on {day(clock.begins_on)}",
                url="",
                due=clock.due_on,
                kept_on=clock.kept_on,
                state=clock.state,
            )
        )
    results.sort(key=lambda result: result.due, reverse=True)
    return [Promise(f"Money back within {plural(days, 'day')}", results)]
