"""Published minutes name the version that everyone reads, and versions are shut again.

SQLite makes a table anew when a column is added, and its triggers go with the old one.
"""

from django.db import migrations, models

TABLES = ["meetings_version", "meetings_invitation"]


def shut(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        return  # its triggers survive
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_written_once")
        schema_editor.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE ON {table} BEGIN "
            f"SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
        )


def show(apps, schema_editor):
    Minutes = apps.get_model("meetings", "Minutes")
    Minutes.objects.filter(state__in=["published", "withdrawn"]).update(
        shown_version=models.F("agreed_version")
    )


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_full_width")]

    operations = [
        migrations.RunPython(shut, migrations.RunPython.noop),
        migrations.RunPython(show, migrations.RunPython.noop),
    ]
