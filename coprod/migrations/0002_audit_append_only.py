"""Audit events are never changed or deleted, not even from a shell.

SQLite refuses changes only: its test databases are emptied with DELETE, PostgreSQL's with
TRUNCATE, which a row trigger does not see.
"""

from django.db import migrations

TABLE = "coprod_auditevent"


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION coprod_append_only() RETURNS trigger AS $$ BEGIN "
            "RAISE EXCEPTION 'rows of %% are never changed', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION coprod_append_only()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE ON {TABLE} BEGIN "
            f"SELECT RAISE(ABORT, 'rows of {TABLE} are never changed'); END"
        )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only ON {TABLE}")
        schema_editor.execute("DROP FUNCTION coprod_append_only()")
    else:
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only")


class Migration(migrations.Migration):
    dependencies = [("coprod", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
