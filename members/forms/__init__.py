"""Fields, hints, error words and layout; never permissions."""
