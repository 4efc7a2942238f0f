"""Letters about minutes: drafts, answers to comments, agreement, publication."""
