"""Letters about money, one module per concept; importing this registers their words."""
