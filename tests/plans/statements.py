"""What is asked of PostgreSQL for odd plans: tables, and a statement for each plan with the settings that bring it."""

from dataclasses import dataclass, field

LONG = "a_table_whose_name_is_as_long_as_postgresql_allows_names_to_be_"
ODD = 'a $x^{ \\frac{ "table"'

TABLES = f"""
CREATE TABLE item (id int PRIMARY KEY, kind int NOT NULL, word text NOT NULL, big numeric);
INSERT INTO item SELECT i, i % 50, 'word ' || i % 700, i * 1.5 FROM generate_series(1, 20000) i;
CREATE INDEX item_kind ON item (kind);
CREATE INDEX item_word ON item (word);
CREATE TABLE kind (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO kind SELECT i, 'kind ' || i FROM generate_series(0, 49) i;
CREATE TABLE part (id int NOT NULL, day int NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (100) TO (200);
CREATE TABLE part_3 PARTITION OF part FOR VALUES FROM (200) TO (300);
INSERT INTO part SELECT i, i % 300 FROM generate_series(1, 9000) i;
CREATE INDEX part_day ON part (day);
CREATE TABLE child (id int PRIMARY KEY, item int REFERENCES item ON DELETE CASCADE, note text);
INSERT INTO child SELECT i, i, 'note' FROM generate_series(1, 500) i;
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM sum(i) FROM generate_series(1, 3000) i; RETURN coalesce(NEW, OLD); END';
CREATE TABLE before (id int);
CREATE TABLE after (id int);
CREATE TRIGGER slow_before BEFORE INSERT ON before FOR EACH ROW EXECUTE FUNCTION slow();
CREATE TRIGGER slow_after AFTER INSERT ON after FOR EACH ROW EXECUTE FUNCTION slow();
CREATE TABLE "{LONG}" (id int, "a_column_whose_name_is_as_long_as_postgresql_allows_names_to_be" text);
INSERT INTO "{LONG}" SELECT i, 'x' FROM generate_series(1, 300) i;
CREATE INDEX "an_index_whose_name_is_as_long_as_postgresql_allows_names_to_be" ON "{LONG}" (id);
CREATE TABLE "{ODD.replace('"', '""')}" ("$" text, "{{" int);
INSERT INTO "{ODD.replace('"', '""')}" SELECT '$x^{{' || i, i FROM generate_series(1, 300) i;
CREATE STATISTICS item_both ON kind, word FROM item;
"""
"""The data; vacuumed and analysed once, so that plans do not depend on when they are made."""

WRITES = f'"{ODD.replace(chr(34), chr(34) * 2)}"'
RUN = "ANALYZE, BUFFERS, SETTINGS"
BUSY = "(SELECT sum(g) FROM generate_series(1, 60000) g)"
PARALLEL = (
    "parallel_setup_cost=0 parallel_tuple_cost=0 min_parallel_table_scan_size=0 min_parallel_index_scan_size=0 "
    "max_parallel_workers_per_gather=2"
)


def without(*nodes: str) -> str:
    """Return the settings that forbid these *nodes*."""
    return " ".join(f"enable_{node}=off" for node in nodes)


@dataclass(frozen=True)
class Asked:
    """A statement, EXPLAIN's options, and settings as ``name=value`` with spaces between."""

    sql: str
    settings: str = ""
    options: str = RUN
    logged: bool = field(default=False, kw_only=True)
    """Whether the plan is taken from what auto_explain logs."""


def deep(levels: int) -> str:
    """Return a statement whose plan is nested three nodes for each level."""
    sql = "SELECT id FROM item"
    for level in range(levels):
        sql = f"SELECT id FROM ({sql} ORDER BY id % {level + 2}, id LIMIT {900 - level}) s{level}"
    return sql


ASKED: dict[str, Asked] = {
    "deep": Asked(deep(14)),
    "deep-conditions": Asked(deep(6).replace("SELECT id FROM item", "SELECT id FROM item WHERE word LIKE '%$x^{ 1%'")),
    "initplan": Asked(f"SELECT id FROM item WHERE big > {BUSY} / 1e9 ORDER BY id LIMIT 5"),
    "initplan-column": Asked(f"SELECT {BUSY}, id FROM item ORDER BY word, id LIMIT 5"),
    "initplan-parallel": Asked(f"SELECT count(*) FROM item WHERE big > {BUSY} / 1e7", PARALLEL),
    "initplan-unused": Asked(f"SELECT id FROM item WHERE id < 0 AND big > {BUSY}", without("bitmapscan")),
    "initplan-nested": Asked(f"SELECT * FROM item WHERE id = (SELECT max(id) FROM kind WHERE id < {BUSY} / 1e7)"),
    "initplan-minmax": Asked("SELECT min(id), max(id) FROM item"),
    "cte": Asked(
        "WITH c AS MATERIALIZED (SELECT word, count(*) n FROM item GROUP BY word) SELECT * FROM c WHERE n > 9"
    ),
    "cte-twice": Asked(
        "WITH c AS MATERIALIZED (SELECT word, count(*) n FROM item GROUP BY word) "
        "SELECT * FROM c a JOIN c b USING (n) WHERE a.word < b.word LIMIT 500"
    ),
    "cte-in-cte": Asked(
        "WITH c AS MATERIALIZED (SELECT id, big FROM item), d AS MATERIALIZED (SELECT avg(big) a FROM c) "
        "SELECT count(*) FROM c, d WHERE big > a"
    ),
    "cte-shadowed": Asked(
        "WITH c AS MATERIALIZED (SELECT count(*) n FROM item) SELECT n, (WITH c AS MATERIALIZED "
        "(SELECT count(*) n FROM part) SELECT sum(c.n) FROM c, c d) FROM c"
    ),
    "cte-in-initplan": Asked(
        "WITH c AS MATERIALIZED (SELECT id, big FROM item) SELECT id FROM c WHERE big = (SELECT max(big) FROM c)"
    ),
    "cte-writes": Asked("WITH w AS (INSERT INTO after SELECT g FROM generate_series(1, 200) g RETURNING id) SELECT 1"),
    "cte-writes-read": Asked(
        "WITH w AS (DELETE FROM part RETURNING id), v AS (UPDATE item SET big = 0 WHERE id < 50 RETURNING id) "
        "SELECT count(*) FROM w"
    ),
    "cte-writes-partly": Asked(
        "WITH w AS (UPDATE item SET big = 1 WHERE id < 900 RETURNING id) SELECT * FROM w LIMIT 3"
    ),
    "recursive": Asked(
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3000) SELECT sum(n) FROM r"
    ),
    "recursive-union": Asked(
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n * 7) % 101 FROM r) SELECT count(*) FROM r"
    ),
    "subplan": Asked("SELECT id, (SELECT count(*) FROM child c WHERE c.item < i.id) FROM item i WHERE id <= 60"),
    "subplan-hashed": Asked("SELECT id FROM item WHERE kind NOT IN (SELECT id FROM kind WHERE name < 'kind 3')"),
    "subplan-filter": Asked(
        "SELECT id FROM item i WHERE big > (SELECT avg(big) FROM item j WHERE j.kind = i.kind AND j.id < 90) AND id < 9"
    ),
    "exists": Asked("SELECT id FROM item i WHERE NOT EXISTS (SELECT 1 FROM child c WHERE c.item = i.id)"),
    "append": Asked("SELECT * FROM part WHERE day < 180", without("indexscan", "bitmapscan")),
    "merge-append": Asked(
        "SELECT kind FROM item UNION ALL SELECT day FROM part ORDER BY kind LIMIT 200", without("sort", "seqscan")
    ),
    "append-sorted": Asked("SELECT * FROM part ORDER BY day LIMIT 200", without("sort", "seqscan")),
    "never-executed": Asked("SELECT 1 FROM part WHERE day > 50 LIMIT 1", without("indexscan", "bitmapscan")),
    "pruned": Asked("SELECT * FROM part WHERE day = (SELECT 5)"),
    "memoize": Asked(
        "SELECT count(*) FROM item i JOIN kind k ON k.id = i.kind",
        without("hashjoin", "mergejoin", "seqscan", "bitmapscan", "material"),
    ),
    "nested-loop": Asked(
        "SELECT * FROM kind k JOIN item i ON i.kind = k.id WHERE k.id < 3", without("hashjoin", "mergejoin", "memoize")
    ),
    "materialize": Asked("SELECT count(*) FROM kind a, kind b WHERE a.name < b.name", without("hashjoin", "mergejoin")),
    "merge-join": Asked("SELECT count(*) FROM item a JOIN item b USING (word)", without("hashjoin", "nestloop")),
    "merge-full-join": Asked(
        "SELECT count(*) FROM item a FULL JOIN child b USING (id)", without("hashjoin", "nestloop")
    ),
    "hash-join": Asked("SELECT * FROM item i LEFT JOIN kind k ON k.id = i.kind", without("mergejoin", "nestloop")),
    "bitmap": Asked(
        "SELECT * FROM item WHERE kind = 4 AND word = 'word 54' OR word = 'word 3'", without("seqscan", "indexscan")
    ),
    "bitmap-and": Asked("SELECT * FROM item WHERE kind < 4 AND word > 'word 6'", without("seqscan", "indexscan")),
    "index-only": Asked(
        "SELECT kind FROM item WHERE kind > 40 ORDER BY kind DESC", without("seqscan", "bitmapscan", "sort")
    ),
    "tid": Asked("SELECT * FROM item WHERE ctid = '(0,1)'"),
    "tid-range": Asked("SELECT * FROM item WHERE ctid < '(3,0)'"),
    "sample": Asked("SELECT count(*) FROM item TABLESAMPLE BERNOULLI (10) REPEATABLE (1)"),
    "function": Asked("SELECT * FROM generate_series(1, 2000) g WHERE g % 3 = 0"),
    "table-function": Asked("SELECT * FROM json_table('[1,2]', '$[*]' COLUMNS (a int PATH '$'))"),
    "values": Asked("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(i, w) WHERE w > 'a'"),
    "window": Asked("SELECT id, rank() OVER (PARTITION BY kind ORDER BY big) FROM item WHERE id < 3000"),
    "hash-aggregate": Asked("SELECT kind, count(*) FROM item GROUP BY kind"),
    "group-aggregate": Asked("SELECT word, count(*) FROM item GROUP BY word", without("hashagg")),
    "grouping-sets": Asked("SELECT kind, word, count(*) FROM item GROUP BY GROUPING SETS ((kind), (word), ())"),
    "group": Asked("SELECT word FROM item GROUP BY word", without("hashagg")),
    "unique": Asked("SELECT DISTINCT word FROM item", without("hashagg")),
    "incremental-sort": Asked("SELECT * FROM item ORDER BY kind, big LIMIT 900", without("seqscan", "bitmapscan")),
    "sort-on-disk": Asked("SELECT * FROM item ORDER BY word, id", "work_mem=64kB"),
    "set-op": Asked("SELECT kind FROM item EXCEPT SELECT id FROM child"),
    "set-op-sorted": Asked("SELECT kind FROM item INTERSECT ALL SELECT id FROM child", without("hashagg")),
    "lock-rows": Asked("SELECT * FROM item WHERE id < 300 FOR UPDATE"),
    "project-set": Asked("SELECT id, generate_series(1, 3) FROM kind"),
    "result": Asked("SELECT 1 WHERE false"),
    "gather": Asked("SELECT count(*) FROM item WHERE big > 300", PARALLEL),
    "gather-merge": Asked("SELECT id FROM item ORDER BY word, big LIMIT 50", PARALLEL),
    "gather-without-leader": Asked("SELECT count(*) FROM item", f"{PARALLEL} parallel_leader_participation=off"),
    "gather-single-copy": Asked("SELECT word, count(*) FROM item GROUP BY word", "debug_parallel_query=on"),
    "parallel-hash": Asked(
        "SELECT count(*) FROM item a JOIN item b USING (big)", f"{PARALLEL} " + without("mergejoin", "nestloop")
    ),
    "parallel-index": Asked(
        "SELECT count(*) FROM item WHERE kind < 9", f"{PARALLEL} " + without("seqscan", "bitmapscan")
    ),
    "parallel-append": Asked("SELECT count(*) FROM part", PARALLEL),
    "parallel-bitmap": Asked(
        "SELECT count(*) FROM item WHERE kind < 9", f"{PARALLEL} " + without("seqscan", "indexscan", "indexonlyscan")
    ),
    "parallel-loops": Asked(
        "SELECT count(*) FROM item i JOIN kind k ON k.id = i.kind AND k.name > 'kind 2'",
        f"{PARALLEL} " + without("hashjoin", "mergejoin", "bitmapscan", "memoize"),
    ),
    "foreign": Asked("SELECT * FROM far_item WHERE big > 900 AND word LIKE '%$%'"),
    "foreign-async": Asked("SELECT * FROM far WHERE id % 2 = 0"),
    "foreign-update": Asked("UPDATE far_item SET big = big + 1 WHERE kind = 3"),
    "foreign-program": Asked("SELECT * FROM told WHERE a > 1"),
    "insert": Asked("INSERT INTO kind SELECT g, 'new' FROM generate_series(100, 300) g"),
    "insert-conflict": Asked("INSERT INTO kind SELECT g, 'new' FROM generate_series(40, 60) g ON CONFLICT DO NOTHING"),
    "update": Asked("UPDATE item SET big = big + 1 WHERE kind = 7"),
    "update-partitions": Asked("UPDATE part SET id = id + 1 WHERE day < 150"),
    "delete-cascade": Asked("DELETE FROM item WHERE id < 200"),
    "merge": Asked(
        "MERGE INTO kind k USING (SELECT g FROM generate_series(40, 60) g) s ON k.id = s.g "
        "WHEN MATCHED THEN UPDATE SET name = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (s.g, 'new')"
    ),
    "trigger-before": Asked("INSERT INTO before SELECT g FROM generate_series(1, 150) g"),
    "trigger-after": Asked("INSERT INTO after SELECT g FROM generate_series(1, 150) g"),
    "odd-names": Asked(f"""SELECT * FROM {WRITES} WHERE "$" LIKE '$x^{{%\\frac{{$' OR "{{" = 3 ORDER BY "$" """),
    "odd-value": Asked(
        "SELECT id FROM item WHERE word IN ('$\\alpha^{', '{}', E'two\\nlines\\tand a tab', '日本 🎉', '')"
    ),
    "long-names": Asked(
        f'SELECT * FROM "{LONG}" WHERE id < 9 AND "a_column_whose_name_is_as_long_as_postgresql_allows_names_to_be" > '
        f"'{'very long words, ' * 20}'",
        without("seqscan", "bitmapscan"),
    ),
    "no-buffers": Asked("SELECT count(*) FROM item", options="ANALYZE, BUFFERS OFF"),
    "no-timing": Asked("SELECT count(*) FROM item WHERE kind = 3", options="ANALYZE, TIMING OFF"),
    "no-timing-summary": Asked("SELECT count(*) FROM item WHERE kind = 3", options="ANALYZE, TIMING OFF, SUMMARY OFF"),
    "no-summary": Asked("SELECT count(*) FROM item WHERE kind = 3", options="ANALYZE, SUMMARY OFF"),
    "no-costs": Asked("SELECT count(*) FROM item WHERE kind = 3", options="ANALYZE, COSTS OFF"),
    "not-run": Asked("SELECT * FROM item i JOIN kind k ON k.id = i.kind ORDER BY word", options="SETTINGS"),
    "verbose": Asked("SELECT * FROM item i JOIN kind k ON k.id = i.kind LIMIT 9", options=f"{RUN}, VERBOSE"),
    "wal": Asked("UPDATE item SET big = 0 WHERE id < 40", options=f"{RUN}, WAL"),
    "serialize": Asked("SELECT * FROM item", options=f"{RUN}, SERIALIZE TEXT"),
    "memory": Asked("SELECT 1", "work_mem=1MB random_page_cost=9", options=f"{RUN}, MEMORY"),
    "generic": Asked("SELECT * FROM item WHERE id = $1", options="GENERIC_PLAN"),
    "utility": Asked("CREATE TABLE made AS SELECT * FROM kind"),
    "logged": Asked("SELECT count(*) FROM item WHERE kind = 3", logged=True),
    "logged-trigger": Asked("INSERT INTO after SELECT g FROM generate_series(1, 20) g", logged=True),
}
