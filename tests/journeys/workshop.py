"""An invented workshop: seven groups, five items, numbered paragraphs, one of them private."""

GROUPS = [
    "Larkmere Autism Families",
    "Down’s Syndrome Larkmere",
    "Signing Families Together",
    "Northgate Parents’ Circle",
    "Sleepless Nights Club",
    "Saltmarsh Carers",
]
#: Added by page, as are its first rep, the officer and the person without e-mail.
SEVENTH = "Young Voices Larkmere"

PRIVATE = "One family described a review that was held without them, at the Millbrook site."
PRIVATE_REASON = "It would point to one family."
OLD = "Parents asked for a list of short breaks that is printed twice a year."
NEW = "Parents asked for one list of short breaks, printed twice a year and also read aloud."

ITEMS = {
    "What we came for": (
        "Twenty-two people were invited from seven groups, the council and the health service.\n\n"
        "Parents wanted to hear first what came of the last workshop.\n\n"
        "Decision: We meet every six weeks from now on. (Everyone agreed)"
    ),
    "Finding out about support": (
        "Three groups said that families hear of services from each other, and late.\n\n"
        "A parent read the letter aloud that comes after a referral. Nobody in the room "
        "could say what happens next from it.\n\n"
        "Two groups keep a list of their own, which they share with new families.\n\n"
        "The health service said that its page is kept by one person, one day a week.\n\n"
        "Ask: Put one page online that says how long each step takes "
        "(Larkmere Children’s Therapies, by 30 April 2030)"
    ),
    "School transport": (
        "Routes change in the last week of August, which leaves no time to get used to them.\n\n"
        "Decision: Each family gets a photo card of the driver a week before. (Show of hands)\n\n"
        "Action: Print the first fifty cards (School transport team, by 1 March 2030)\n\n"
        f"{PRIVATE}"
    ),
    "Short breaks": (
        "Booking opened for two hours in November and was full after one.\n\n"
        f"{OLD}\n\n"
        "A play scheme in the north of the town had free places that nobody knew of.\n\n"
        "Action: Hester to ring the play scheme by 21 January 2030"
    ),
    "How we stay in touch": (
        "Not everybody reads e-mail. Letters and phone calls stay.\n\n"
        "The groups will each name one person to ring.\n\n"
        "The next workshop looks first at what was promised at this one.\n\n"
        "Action: Ruth to send every group its own list of promises by 14 February 2030"
    ),
}
SHORT = (
    "We meet every six weeks.\n"
    "Families see a photo of the driver before the first day.\n"
    "We asked how long each step takes."
)
