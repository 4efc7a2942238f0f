"""A “not yet” can be answered, and the rule about the next meeting is copied onto versions.

SQLite makes meetings_version anew for that, so its trigger is put back.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def shut(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        return  # its triggers survive
    schema_editor.execute("DROP TRIGGER IF EXISTS meetings_version_written_once")
    schema_editor.execute(
        "CREATE TRIGGER meetings_version_written_once BEFORE UPDATE ON meetings_version BEGIN "
        "SELECT RAISE(ABORT, 'rows of meetings_version are never changed'); END"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0006_group_for_a_meeting_and_releases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="outcome",
            field=models.TextField(
                blank=True,
                help_text="What we said to a “not yet” that changed no word",
                max_length=2000,
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="outcome_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="agreement",
            name="outcome_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("outcome_at__isnull", True)),
                    models.Q(
                        models.Q(("outcome", ""), _negated=True),
                        ("outcome_at__isnull", False),
                        ("answer", "not_yet"),
                    ),
                    _connector="OR",
                ),
                name="only_not_yet_is_answered",
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="agree_at_next",
            field=models.BooleanField(default=True),
        ),
        migrations.RunPython(shut, migrations.RunPython.noop),
    ]
