"""Each program's JSON, stored beside it and maintained by triggers.

A statement renders anew what it changed. Before it does, it waits for those that rename the businesses of these
programs, both before and after the change, and they wait for it: whichever comes second sees what the first one wrote.
The tables are locked while the lines are made and the triggers are created, so no write is missed.
"""

from django.db import migrations

from perfstudy.listing.optimizations.lines import COLUMNS, TABLE, render

UPDATE = f"""
    ON CONFLICT (id) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])}
    WHERE ({", ".join(f"stored.{column}" for column in COLUMNS)})
        IS DISTINCT FROM ({", ".join(f"excluded.{column}" for column in COLUMNS)})
"""


def insert(programs: str) -> str:
    """Return the statement that inserts the lines of *programs*, without its end."""
    return f"INSERT INTO {TABLE} AS stored ({', '.join(COLUMNS)}) {render(programs)}"  # noqa: S608


def lock(*tables: str) -> str:
    """Return the statement that waits for changes to the businesses of *tables*."""
    businesses = " UNION ".join(f"SELECT business_id FROM {table}" for table in tables)  # noqa: S608
    return f"PERFORM FROM ads_business WHERE id IN ({businesses}) ORDER BY id FOR SHARE;"  # noqa: S608


def function(name: str, body: str) -> str:
    """Return the statement that creates the trigger function *name*."""
    return f"""
CREATE FUNCTION {TABLE}_{name}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    {body}
    RETURN NULL;
END $body$;
"""


def trigger(name: str, event: str, tables: str = "", on: str = "ads_programregistry") -> str:
    """Return the statement that creates the trigger *name* after *event*.

    *tables* are its transition tables.
    """
    referencing = f"REFERENCING {tables}" if tables else ""
    return f"""
CREATE TRIGGER {TABLE}_{name} AFTER {event} ON {on} {referencing}
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_{name}();
"""


FORWARDS = "".join(
    (
        f"""
LOCK TABLE ads_business, ads_programregistry IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE {TABLE} (
    id bigint NOT NULL,
    username varchar(150) NOT NULL,
    start_date date,
    program_id varchar(64) NOT NULL,
    status varchar(16) NOT NULL,
    program_name varchar(32) NOT NULL,
    yelp_business_id varchar(64) NOT NULL,
    line text
);

{insert("ads_programregistry")} ORDER BY p.username, p.start_date DESC, p.program_id;

ALTER TABLE {TABLE} ADD PRIMARY KEY (id);
CREATE INDEX {TABLE}_listing ON {TABLE} (username, start_date DESC, program_id)
    INCLUDE (id, status, program_name, yelp_business_id);
""",
        function("add", f"{lock('added')} {insert('added')} {UPDATE};"),
        function("remove", f"{lock('removed')} DELETE FROM {TABLE} WHERE id IN (SELECT id FROM removed);"),  # noqa: S608
        function(
            "change",
            f"{lock('added', 'removed')}"
            f" DELETE FROM {TABLE} WHERE id IN (SELECT id FROM removed EXCEPT SELECT id FROM added);"  # noqa: S608
            f" {insert('added')} {UPDATE};",
        ),
        function("clear", f"DELETE FROM {TABLE};"),  # noqa: S608
        function(
            "rename",
            f"{insert('ads_programregistry')} WHERE p.business_id IN ("
            " SELECT renamed.id FROM renamed JOIN former USING (id) WHERE renamed.name IS DISTINCT FROM former.name"
            f") ORDER BY p.id {UPDATE};",
        ),
        trigger("add", "INSERT", "NEW TABLE AS added"),
        trigger("remove", "DELETE", "OLD TABLE AS removed"),
        trigger("change", "UPDATE", "OLD TABLE AS removed NEW TABLE AS added"),
        trigger("clear", "TRUNCATE"),
        trigger("rename", "UPDATE", "OLD TABLE AS former NEW TABLE AS renamed", on="ads_business"),
    )
)

BACKWARDS = f"""
DROP TRIGGER {TABLE}_add ON ads_programregistry;
DROP TRIGGER {TABLE}_remove ON ads_programregistry;
DROP TRIGGER {TABLE}_change ON ads_programregistry;
DROP TRIGGER {TABLE}_clear ON ads_programregistry;
DROP TRIGGER {TABLE}_rename ON ads_business;
DROP FUNCTION {", ".join(f"{TABLE}_{name}" for name in ("add", "remove", "change", "clear", "rename"))};
DROP TABLE {TABLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ads", "0014_baseline"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
