"""One module per app; defaults are valid and minimal."""
