"""Letters about money, one module per concept; importing this registers their words."""

from expenses.emails import chasing, claims, paying, policies, thanks  # noqa: F401
