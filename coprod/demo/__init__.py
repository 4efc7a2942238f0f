"""The demonstration forum: its words (TOML) and the story that sets them into time."""
