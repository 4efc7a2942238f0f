"""What changes several rows of meetings or tells somebody, one module per concept."""
