"""The money that the permission matrix asks about: claims of R, and one that C entered for M."""

from tests.factories.money import ClaimFactory, PolicyFactory, ProposedPolicyFactory


def kwargs_of_money(people):
    """Rows of the matrix by name; ``people`` is one of each column."""
    policy = PolicyFactory(number=1)
    claim = ClaimFactory(person=people["R"], state="submitted")
    entered = ClaimFactory(person=people["M"], entered_by=people["C"], state="submitted")
    draft = ClaimFactory(person=people["R"])
    return {
        "policy": {"pk": policy.pk},
        "draft policy": {"pk": PolicyFactory(number=2, confirmed=False).pk},
        "proposed policy": {"pk": ProposedPolicyFactory(number=3, proposed_by=people["C"]).pk},
        "claim": {"pk": claim.pk},
        "entered claim": {"pk": entered.pk},
        "draft claim": {"pk": draft.pk},
    }
