"""HTTP for people, groups, settings and messages; never a rule."""
