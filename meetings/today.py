"""What meetings add to Today: the things that are due, from the same records as the promises."""
