"""Money back, thank-yous and the budget."""

from django.apps import AppConfig


class ExpensesConfig(AppConfig):
    name = "expenses"

    def ready(self) -> None:
        from coprod import registry
        from expenses import (  # noqa: F401  (some register themselves)
            emails,
            personal,
            promises,
            rules,
            today,
            totals,
        )
        from expenses.services import confirming

        registry.not_by["expenses/claim_to_confirm"] = confirming.not_by
        personal.register()
        registry.today.append(today.desk)
        registry.promises.append(promises.of_claims)
        registry.about_links.append(totals.about_links)
        registry.public_addresses.append(totals.public_addresses)
        registry.nav_links.append(
            registry.NavLink(40, "Money back", "expenses:claim_list", frozenset({"seated"}))
        )
        registry.nav_links.append(
            registry.NavLink(40, "Money", "expenses:money", frozenset({"coordinator", "money"}))
        )
