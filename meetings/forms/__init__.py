"""Forms of meetings, one module per concept."""
