"""Letters about meetings and minutes: one function each; never decides to send."""
