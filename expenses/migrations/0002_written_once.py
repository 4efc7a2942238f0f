"""What was agreed, approved and counted stays as it was: the database refuses to change it.

Confirmed rates and rules, lines of claims that have been approved, and the voucher ledger.
SQLite refuses changes and additions only, for the reason given in coprod's migration 0002.
"""

from django.db import migrations

DECIDED = "('approved', 'paying', 'paid')"

POSTGRES = f"""
CREATE FUNCTION expenses_keep_rates() RETURNS trigger AS $$
DECLARE
    named bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN named := OLD.policy_id; ELSE named := NEW.policy_id; END IF;
    IF EXISTS (SELECT 1 FROM expenses_policy WHERE id = named AND state = 'confirmed') THEN
        RAISE EXCEPTION 'confirmed rates are never changed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER expenses_rate_kept BEFORE INSERT OR UPDATE OR DELETE ON expenses_rate
    FOR EACH ROW EXECUTE FUNCTION expenses_keep_rates();

CREATE TRIGGER expenses_policy_kept BEFORE UPDATE ON expenses_policy
    FOR EACH ROW WHEN (OLD.state = 'confirmed' AND OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION coprod_append_only();

CREATE FUNCTION expenses_keep_lines() RETURNS trigger AS $$
DECLARE
    named bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN named := OLD.claim_id; ELSE named := NEW.claim_id; END IF;
    IF EXISTS (SELECT 1 FROM expenses_claim WHERE id = named AND state IN {DECIDED}) THEN
        RAISE EXCEPTION 'lines of approved claims are never changed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER expenses_line_kept
    BEFORE INSERT OR DELETE OR UPDATE OF claim_id, kind, "on", miles, passengers, hours, pages,
        asked, pence, policy_id, tops_up_id
    ON expenses_line FOR EACH ROW EXECUTE FUNCTION expenses_keep_lines();

CREATE TRIGGER expenses_vouchermove_written_once BEFORE UPDATE ON expenses_vouchermove
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION coprod_append_only();
"""

POSTGRES_BACK = """
DROP TRIGGER expenses_rate_kept ON expenses_rate;
DROP FUNCTION expenses_keep_rates();
DROP TRIGGER expenses_policy_kept ON expenses_policy;
DROP TRIGGER expenses_line_kept ON expenses_line;
DROP FUNCTION expenses_keep_lines();
DROP TRIGGER expenses_vouchermove_written_once ON expenses_vouchermove;
"""

_CONFIRMED = (
    "EXISTS (SELECT 1 FROM expenses_policy WHERE id = NEW.policy_id AND state = 'confirmed')"
)
_APPROVED = f"EXISTS (SELECT 1 FROM expenses_claim WHERE id = NEW.claim_id AND state IN {DECIDED})"
_LINE = 'claim_id, kind, "on", miles, passengers, hours, pages, asked, pence, policy_id, tops_up_id'

#: name: (when and on what, condition, message)
SQLITE = {
    "expenses_rate_added": ("INSERT ON expenses_rate", _CONFIRMED, "confirmed rates"),
    "expenses_rate_kept": ("UPDATE ON expenses_rate", _CONFIRMED, "confirmed rates"),
    "expenses_policy_kept": (
        "UPDATE ON expenses_policy",
        "OLD.state = 'confirmed'",
        "confirmed rules",
    ),
    "expenses_line_added": ("INSERT ON expenses_line", _APPROVED, "lines of approved claims"),
    "expenses_line_kept": (
        f"UPDATE OF {_LINE} ON expenses_line",
        _APPROVED,
        "lines of approved claims",
    ),
    "expenses_vouchermove_written_once": (
        "UPDATE ON expenses_vouchermove",
        "1",
        "rows of the voucher ledger",
    ),
}


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES)
        return
    for name, (deed, condition, what) in SQLITE.items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {deed} FOR EACH ROW WHEN {condition} BEGIN "
            f"SELECT RAISE(ABORT, '{what} are never changed'); END"
        )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_BACK)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("expenses", "0001_money"), ("coprod", "0002_audit_append_only")]
    operations = [migrations.RunPython(add, remove)]
