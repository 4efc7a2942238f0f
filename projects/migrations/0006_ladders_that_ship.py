"""Two ladders to begin with: four rungs, which is used, and seven steps."""

from django.db import migrations

FOUR = (
    (1, "Information", "Services tell parents what they plan.", 1),
    (2, "Consultation", "Services ask parents, and tell them what became of their views.", 2),
    (3, "Participation", "Parents do part of the work, side by side with services.", 3),
    (
        4,
        "Co-production",
        "Parents and services share it, from the first idea to the decision and after it.",
        4,
    ),
)
SEVEN = (
    (1, "Coercion", "Things are done to families, whatever they would want.", 0),
    (2, "Educating", "Families are taught to go along with what was decided.", 0),
    (3, "Informing", "Families are told what is planned.", 1),
    (4, "Consultation", "Families are asked, and told what became of their views.", 2),
    (5, "Engagement", "Families take part in some of the work.", 3),
    (6, "Co-design", "Families and services design it together; services decide and run it.", 3),
    (7, "Co-production", "Families and services share design, decision, running and review.", 4),
)


def ship(apps, schema_editor):
    ladders = apps.get_model("projects", "Ladder").objects
    rungs = apps.get_model("projects", "Rung").objects
    for name, steps, is_used in (("Four rungs", FOUR, True), ("Seven steps", SEVEN, False)):
        if ladders.filter(name=name).exists():
            continue
        used = is_used and not ladders.filter(is_used=True).exists()
        ladder = ladders.create(name=name, is_used=used)
        for number, rung, meaning, level in steps:
            rungs.create(ladder=ladder, number=number, name=rung, meaning=meaning, level=level)


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_why_confirmations_end")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
