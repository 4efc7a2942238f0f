"""The money that the permission matrix asks about: claims of R, and one that C entered for M."""

from tests.factories.money import ClaimFactory, PolicyFactory


def kwargs_of_money(people):
    """Rows of the matrix by name; ``people`` is one of each column."""
    policy = PolicyFactory(number=1)
    claim = ClaimFactory(person=people["R"], state="submitted")
    entered = ClaimFactory(person=people["M"], entered_by=people["C"], state="submitted")
    draft = ClaimFactory(person=people["R"])
    return {
        "policy": {"pk": policy.pk},
        "claim": {"pk": claim.pk},
        "entered claim": {"pk": entered.pk},
        "draft claim": {"pk": draft.pk},
    }
