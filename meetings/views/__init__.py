"""Pages of meetings, one module per concept: HTTP only."""
