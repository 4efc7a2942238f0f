"""Channels through which the forum tells people."""

from coprod.forms import Field, ModelForm
from meetings.models import PublicityChannel


class ChannelForm(ModelForm):
    """One place where published minutes are told of."""

    labels = {
        "name": "What is it?",
        "email": "Somebody’s e-mail address there",
        "note": "How is it done?",
        "is_used": "We use it",
    }
    hints = {
        "name": "Such as “Local Offer”, “Schools’ bulletin” or “Library noticeboard”",
        "email": "They get a message whenever minutes are published. Leave it empty to do it "
        "yourself",
        "note": "For whoever does it next: where to log in, whom to ask",
    }
    words = {"name": "Enter what it is, such as Local Offer"}
    layout = ["name", "email", Field("note", width=30), "is_used"]
    submit = "Save"

    class Meta:
        model = PublicityChannel
        fields = ["name", "email", "note", "is_used"]
