"""Pages of money: HTTP only."""
