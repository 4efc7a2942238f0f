"""What can go wrong in the forum's own rules; never HTTP."""


class TransitionNotAllowed(Exception):
    """A change was refused because of the state that something is in. The text is for people."""


class NoLongerDue(Exception):
    """Raised while a letter is written: its reader may not have it any more, or it has no point."""
