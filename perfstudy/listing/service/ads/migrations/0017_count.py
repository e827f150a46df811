"""Counts of each tenant's programs by status and type, maintained by triggers.

Each statement adds its changes at its end, in the order of the key, so that two writers wait for each other rather
than deadlock. The table is locked while it is counted and the triggers are created, so no write is missed.
"""

from django.db import migrations

FORWARDS = """
LOCK TABLE ads_programregistry IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE ads_programcount (
    username varchar(150) NOT NULL,
    status varchar(16) NOT NULL,
    program_name varchar(32) NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (username, status, program_name)
) WITH (fillfactor = 50);

INSERT INTO ads_programcount
SELECT username, status, program_name, count(*) FROM ads_programregistry GROUP BY username, status, program_name;

CREATE FUNCTION ads_programcount_add() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO ads_programcount AS kept
    SELECT username, status, program_name, count(*) FROM added
    GROUP BY username, status, program_name ORDER BY username, status, program_name
    ON CONFLICT (username, status, program_name) DO UPDATE SET total = kept.total + excluded.total;
    RETURN NULL;
END $body$;

CREATE FUNCTION ads_programcount_remove() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO ads_programcount AS kept
    SELECT username, status, program_name, -count(*) FROM removed
    GROUP BY username, status, program_name ORDER BY username, status, program_name
    ON CONFLICT (username, status, program_name) DO UPDATE SET total = kept.total + excluded.total;
    RETURN NULL;
END $body$;

CREATE FUNCTION ads_programcount_move() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO ads_programcount AS kept
    SELECT username, status, program_name, sum(change) FROM (
        SELECT username, status, program_name, 1 AS change FROM added
        UNION ALL SELECT username, status, program_name, -1 FROM removed
    ) AS changed
    GROUP BY username, status, program_name HAVING sum(change) <> 0 ORDER BY username, status, program_name
    ON CONFLICT (username, status, program_name) DO UPDATE SET total = kept.total + excluded.total;
    RETURN NULL;
END $body$;

CREATE FUNCTION ads_programcount_clear() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    DELETE FROM ads_programcount;
    RETURN NULL;
END $body$;

CREATE TRIGGER ads_programcount_add AFTER INSERT ON ads_programregistry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ads_programcount_add();
CREATE TRIGGER ads_programcount_remove AFTER DELETE ON ads_programregistry
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ads_programcount_remove();
CREATE TRIGGER ads_programcount_move AFTER UPDATE ON ads_programregistry
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ads_programcount_move();
CREATE TRIGGER ads_programcount_clear AFTER TRUNCATE ON ads_programregistry
    FOR EACH STATEMENT EXECUTE FUNCTION ads_programcount_clear();
"""

BACKWARDS = """
DROP TRIGGER ads_programcount_add ON ads_programregistry;
DROP TRIGGER ads_programcount_remove ON ads_programregistry;
DROP TRIGGER ads_programcount_move ON ads_programregistry;
DROP TRIGGER ads_programcount_clear ON ads_programregistry;
DROP FUNCTION ads_programcount_add, ads_programcount_remove, ads_programcount_move, ads_programcount_clear;
DROP TABLE ads_programcount;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ads", "0014_baseline"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
