"""What a board received never changes: the database refuses another text for its number.

SQLite refuses changes only, for the reason given in coprod's migration 0002.
"""

from django.db import migrations

TABLES = ("projects_edition", "projects_editionfile")


def add(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TRIGGER {table}_written_once BEFORE UPDATE ON {table} "
                "FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) "
                "EXECUTE FUNCTION coprod_append_only()"
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_written_once BEFORE UPDATE ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )


def remove(apps, schema_editor):
    for table in TABLES:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {table}_written_once{on}")


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_edition_files"),
        ("coprod", "0002_audit_append_only"),
    ]
    operations = [migrations.RunPython(add, remove)]
