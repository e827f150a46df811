BEGIN TRANSACTION;
CREATE TABLE block (
	run VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES run (id)
);
INSERT INTO "block" VALUES('sample-tiny-20261128-131750-qkcg',0);
INSERT INTO "block" VALUES('sample-tiny-20261128-131750-qkcg',1);
CREATE TABLE cell (
	run VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	block INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	label VARCHAR NOT NULL, 
	variant VARCHAR NOT NULL, 
	scale VARCHAR NOT NULL, 
	scenario VARCHAR NOT NULL, 
	temperature VARCHAR NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run, block) REFERENCES block (run, number), 
	UNIQUE (run, block, scale, label, scenario, temperature)
);
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',0,0,0,'baseline (again)','baseline','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',1,0,1,'baseline (again)','baseline','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',2,0,2,'index+cache','index+cache','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',3,0,3,'index+cache','index+cache','tiny','page','warm');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',4,0,4,'index+cache','index+cache','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',5,0,5,'index','index','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',6,0,6,'index','index','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',7,0,7,'baseline','baseline','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',8,0,8,'baseline','baseline','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',9,0,9,'rival:wsgi-constant','rival:wsgi-constant','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',10,0,10,'rival:wsgi-constant','rival:wsgi-constant','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',11,1,0,'baseline','baseline','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',12,1,1,'baseline','baseline','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',13,1,2,'index','index','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',14,1,3,'index','index','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',15,1,4,'rival:wsgi-constant','rival:wsgi-constant','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',16,1,5,'rival:wsgi-constant','rival:wsgi-constant','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',17,1,6,'index+cache','index+cache','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',18,1,7,'index+cache','index+cache','tiny','page','warm');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',19,1,8,'index+cache','index+cache','tiny','page','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',20,1,9,'baseline (again)','baseline','tiny','noop','cold');
INSERT INTO "cell" VALUES('sample-tiny-20261128-131750-qkcg',21,1,10,'baseline (again)','baseline','tiny','page','cold');
CREATE TABLE cost (
	run VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	"row" JSON NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES run (id)
);
CREATE TABLE environment (
	digest VARCHAR NOT NULL, 
	identity JSON NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "environment" VALUES('87b93bfa34737db7d40dad7f61fcbf8549d26aa4a0c7bf8e0549546e090cf325','{"cpu": "AMD EPYC", "cpus": 2, "memory_gib": 24, "system": "Linux", "kernel": "6.18.44-fc-v657", "machine": "x86_64", "container": "a Docker container", "governor": null, "python": "3.11.7", "packages": {"django": "5.2.19", "psycopg": "3.3.9", "psycopg-binary": "3.3.9", "redis": "8.1.0", "hiredis": "3.5.0", "gunicorn": "27.0.1"}, "perfstudy": "0.1.0", "commit": "1af54ba758d0", "servers": {"postgresql": "18.6", "redis": "valkey 9.1.2", "postgresql_settings": {"TimeZone": "UTC", "archive_command": "(disabled)", "checkpoint_timeout": "1800", "client_encoding": "UTF8", "commit_timestamp_buffers": "128", "default_text_search_config": "pg_catalog.english", "io_max_concurrency": "64", "jit": "off", "lc_messages": "C", "log_timezone": "UTC", "maintenance_work_mem": "262144", "max_stack_depth": "2048", "max_wal_senders": "0", "max_wal_size": "4096", "shared_buffers": "65536", "shared_preload_libraries": "pg_stat_statements,auto_explain", "subtransaction_buffers": "128", "timezone_abbreviations": "Default", "track_io_timing": "on", "transaction_buffers": "128", "wal_buffers": "2048", "wal_level": "minimal"}}, "settings": {"postgres": {"shared_buffers": "512MB", "maintenance_work_mem": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min", "wal_level": "minimal", "max_wal_senders": "0", "max_connections": "250", "jit": "off", "track_io_timing": "on", "shared_preload_libraries": "pg_stat_statements,auto_explain", "pg_stat_statements.track": "top", "timezone": "UTC", "log_timezone": "UTC", "unix_socket_permissions": "0700"}, "redis": {"save": "", "appendonly": "no", "maxmemory": "512mb", "maxmemory-policy": "allkeys-lru", "protected-mode": "yes"}}}');
CREATE TABLE evidence (
	run VARCHAR NOT NULL, 
	variant VARCHAR NOT NULL, 
	scale VARCHAR NOT NULL, 
	scenario VARCHAR NOT NULL, 
	temperature VARCHAR NOT NULL, 
	evidence JSON NOT NULL, 
	PRIMARY KEY (run, variant, scale, scenario, temperature), 
	FOREIGN KEY(run) REFERENCES run (id)
);
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','baseline','tiny','page','cold','{"target": "/api/programs?limit=20", "statements": {"SELECT COUNT(*) AS \"__count\" FROM \"ads_programregistry\" WHERE (\"ads_programregistry\".\"status\" = ? AND \"ads_programregistry\".\"username\" = ?)": 1, "SELECT \"ads_programregistry\".\"id\" AS \"id\" FROM \"ads_programregistry\" WHERE (\"ads_programregistry\".\"status\" = ? AND \"ads_programregistry\".\"username\" = ?) ORDER BY \"ads_programregistry\".\"start_date\" DESC, \"ads_programregistry\".\"program_id\" ASC LIMIT ?": 1, "SELECT \"ads_programregistry\".\"id\", \"ads_programregistry\".\"username\", \"ads_programregistry\".\"program_id\", \"ads_programregistry\".\"yelp_business_id\", \"ads_programregistry\".\"partner_business_id\", \"ads_programregistry\".\"business_name\", \"ads_programregistry\".\"business_id\", \"ads_programregistry\".\"status\", \"ads_programregistry\".\"program_status\", \"ads_programregistry\".\"program_pause_status\", \"ads_programregistry\".\"program_name\", \"ads_programregistry\".\"start_date\", \"ads_programregistry\".\"end_date\", \"ads_programregistry\".\"custom_name\", \"ads_programregistry\".\"budget\", \"ads_programregistry\".\"max_bid\", \"ads_programregistry\".\"ad_cost\", \"ads_programregistry\".\"currency\", \"ads_programregistry\".\"is_autobid\", \"ads_programregistry\".\"billed_impressions\", \"ads_programregistry\".\"billed_clicks\", \"ads_programregistry\".\"fee_period\", \"ads_programregistry\".\"businesses\", \"ads_programregistry\".\"active_features\", \"ads_programregistry\".\"available_features\", \"ads_programregistry\".\"created_at\", \"ads_programregistry\".\"updated_at\" FROM \"ads_programregistry\" WHERE \"ads_programregistry\".\"id\" IN (?)": 1, "SELECT \"ads_business\".\"id\", \"ads_business\".\"yelp_business_id\", \"ads_business\".\"name\", \"ads_business\".\"url\", \"ads_business\".\"alias\", \"ads_business\".\"cached_at\", \"ads_business\".\"fetch_failed\" FROM \"ads_business\" WHERE \"ads_business\".\"id\" = ? LIMIT ?": 19}, "statement_count": 22, "rows_removed": 3863, "buffers_hit": 310, "buffers_read": 0, "planning_ms": 15.815999999999999, "execution_ms": 2.228, "phases_ms": {"connect": 18.393, "db": 11.838, "serialize": 14.191, "total": 47.223}, "bytes": 12439, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','baseline','tiny','noop','cold','{"target": "/api/noop", "statements": {}, "statement_count": 0, "rows_removed": 0, "buffers_hit": 0, "buffers_read": 0, "planning_ms": 0, "execution_ms": 0, "phases_ms": {"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.304}, "bytes": 2, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','index+cache','tiny','page','cold','{"target": "/api/programs?limit=20", "statements": {"SELECT COUNT(*) AS \"__count\" FROM \"ads_programregistry\" WHERE (\"ads_programregistry\".\"status\" = ? AND \"ads_programregistry\".\"username\" = ?)": 1, "SELECT \"ads_programregistry\".\"id\" AS \"id\" FROM \"ads_programregistry\" WHERE (\"ads_programregistry\".\"status\" = ? AND \"ads_programregistry\".\"username\" = ?) ORDER BY \"ads_programregistry\".\"start_date\" DESC, \"ads_programregistry\".\"program_id\" ASC LIMIT ?": 1, "SELECT \"ads_programregistry\".\"id\", \"ads_programregistry\".\"username\", \"ads_programregistry\".\"program_id\", \"ads_programregistry\".\"yelp_business_id\", \"ads_programregistry\".\"partner_business_id\", \"ads_programregistry\".\"business_name\", \"ads_programregistry\".\"business_id\", \"ads_programregistry\".\"status\", \"ads_programregistry\".\"program_status\", \"ads_programregistry\".\"program_pause_status\", \"ads_programregistry\".\"program_name\", \"ads_programregistry\".\"start_date\", \"ads_programregistry\".\"end_date\", \"ads_programregistry\".\"custom_name\", \"ads_programregistry\".\"budget\", \"ads_programregistry\".\"max_bid\", \"ads_programregistry\".\"ad_cost\", \"ads_programregistry\".\"currency\", \"ads_programregistry\".\"is_autobid\", \"ads_programregistry\".\"billed_impressions\", \"ads_programregistry\".\"billed_clicks\", \"ads_programregistry\".\"fee_period\", \"ads_programregistry\".\"businesses\", \"ads_programregistry\".\"active_features\", \"ads_programregistry\".\"available_features\", \"ads_programregistry\".\"created_at\", \"ads_programregistry\".\"updated_at\" FROM \"ads_programregistry\" WHERE \"ads_programregistry\".\"id\" IN (?)": 1, "SELECT \"ads_business\".\"id\", \"ads_business\".\"yelp_business_id\", \"ads_business\".\"name\", \"ads_business\".\"url\", \"ads_business\".\"alias\", \"ads_business\".\"cached_at\", \"ads_business\".\"fetch_failed\" FROM \"ads_business\" WHERE \"ads_business\".\"id\" = ? LIMIT ?": 19}, "statement_count": 22, "rows_removed": 3648, "buffers_hit": 143, "buffers_read": 0, "planning_ms": 14.812, "execution_ms": 1.679, "phases_ms": {"connect": 6.325, "db": 7.944, "serialize": 10.171, "total": 27.638}, "bytes": 12439, "cache": "MISS", "cache_server_hits": 0, "cache_server_misses": 1, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','index+cache','tiny','page','warm','{"target": "/api/programs?limit=20", "statements": {}, "statement_count": 0, "rows_removed": 0, "buffers_hit": 0, "buffers_read": 0, "planning_ms": 0, "execution_ms": 0, "phases_ms": {"connect": 0.0, "db": 0.0, "serialize": 0.187, "total": 1.214}, "bytes": 12438, "cache": "HIT", "cache_server_hits": 1, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','index+cache','tiny','noop','cold','{"target": "/api/noop", "statements": {}, "statement_count": 0, "rows_removed": 0, "buffers_hit": 0, "buffers_read": 0, "planning_ms": 0, "execution_ms": 0, "phases_ms": {"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.258}, "bytes": 2, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','index','tiny','page','cold','{"target": "/api/programs?limit=20", "statements": {"SELECT COUNT(*) AS \"__count\" FROM \"ads_programregistry\" WHERE (\"ads_programregistry\".\"status\" = ? AND \"ads_programregistry\".\"username\" = ?)": 1, "SELECT \"ads_programregistry\".\"id\" AS \"id\" FROM \"ads_programregistry\" WHERE (\"ads_programregistry\".\"status\" = ? AND \"ads_programregistry\".\"username\" = ?) ORDER BY \"ads_programregistry\".\"start_date\" DESC, \"ads_programregistry\".\"program_id\" ASC LIMIT ?": 1, "SELECT \"ads_programregistry\".\"id\", \"ads_programregistry\".\"username\", \"ads_programregistry\".\"program_id\", \"ads_programregistry\".\"yelp_business_id\", \"ads_programregistry\".\"partner_business_id\", \"ads_programregistry\".\"business_name\", \"ads_programregistry\".\"business_id\", \"ads_programregistry\".\"status\", \"ads_programregistry\".\"program_status\", \"ads_programregistry\".\"program_pause_status\", \"ads_programregistry\".\"program_name\", \"ads_programregistry\".\"start_date\", \"ads_programregistry\".\"end_date\", \"ads_programregistry\".\"custom_name\", \"ads_programregistry\".\"budget\", \"ads_programregistry\".\"max_bid\", \"ads_programregistry\".\"ad_cost\", \"ads_programregistry\".\"currency\", \"ads_programregistry\".\"is_autobid\", \"ads_programregistry\".\"billed_impressions\", \"ads_programregistry\".\"billed_clicks\", \"ads_programregistry\".\"fee_period\", \"ads_programregistry\".\"businesses\", \"ads_programregistry\".\"active_features\", \"ads_programregistry\".\"available_features\", \"ads_programregistry\".\"created_at\", \"ads_programregistry\".\"updated_at\" FROM \"ads_programregistry\" WHERE \"ads_programregistry\".\"id\" IN (?)": 1, "SELECT \"ads_business\".\"id\", \"ads_business\".\"yelp_business_id\", \"ads_business\".\"name\", \"ads_business\".\"url\", \"ads_business\".\"alias\", \"ads_business\".\"cached_at\", \"ads_business\".\"fetch_failed\" FROM \"ads_business\" WHERE \"ads_business\".\"id\" = ? LIMIT ?": 19}, "statement_count": 22, "rows_removed": 3648, "buffers_hit": 143, "buffers_read": 0, "planning_ms": 13.722000000000001, "execution_ms": 1.563, "phases_ms": {"connect": 8.768, "db": 15.213, "serialize": 15.877, "total": 42.164}, "bytes": 12439, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','index','tiny','noop','cold','{"target": "/api/noop", "statements": {}, "statement_count": 0, "rows_removed": 0, "buffers_hit": 0, "buffers_read": 0, "planning_ms": 0, "execution_ms": 0, "phases_ms": {"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.261}, "bytes": 2, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 44, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','rival:wsgi-constant','tiny','page','cold','{"target": "/api/programs?limit=20", "statements": {}, "statement_count": 0, "rows_removed": 0, "buffers_hit": 0, "buffers_read": 0, "planning_ms": 0, "execution_ms": 0, "phases_ms": {}, "bytes": 12439, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 42, "gate_differences": 0}');
INSERT INTO "evidence" VALUES('sample-tiny-20261128-131750-qkcg','rival:wsgi-constant','tiny','noop','cold','{"target": "/api/noop", "statements": {}, "statement_count": 0, "rows_removed": 0, "buffers_hit": 0, "buffers_read": 0, "planning_ms": 0, "execution_ms": 0, "phases_ms": {}, "bytes": 2, "cache": null, "cache_server_hits": 0, "cache_server_misses": 0, "cache_agrees": true, "gate_requests": 42, "gate_differences": 0}');
CREATE TABLE exclusion (
	run VARCHAR NOT NULL, 
	variant VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (run, variant), 
	FOREIGN KEY(run) REFERENCES run (id)
);
CREATE TABLE note (
	run VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	value JSON NOT NULL, 
	PRIMARY KEY (run, "key"), 
	FOREIGN KEY(run) REFERENCES run (id)
);
INSERT INTO "note" VALUES('sample-tiny-20261128-131750-qkcg','wall_seconds','{"set-up": 9.899868794998854, "evidence": 21.652096619003714, "timed": 1.2865026370000001, "costs": 1.2894000974483788e-05, "other": 0.426193246999901}');
CREATE TABLE "plan" (
	run VARCHAR NOT NULL, 
	variant VARCHAR NOT NULL, 
	scale VARCHAR NOT NULL, 
	scenario VARCHAR NOT NULL, 
	temperature VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	sql TEXT NOT NULL, 
	"plan" JSON NOT NULL, 
	shape TEXT NOT NULL, 
	PRIMARY KEY (run, variant, scale, scenario, temperature, number), 
	FOREIGN KEY(run) REFERENCES run (id)
);
INSERT INTO "plan" VALUES('sample-tiny-20261128-131750-qkcg','baseline','tiny','page','cold',0,'SELECT COUNT(*) AS "__count" FROM "ads_programregistry" WHERE ("ads_programregistry"."status" = ? AND "ads_programregistry"."username" = ?)','{"Plan": {"Node Type": "Aggregate", "Strategy": "Plain", "Partial Mode": "Simple", "Parallel Aware": false, "Async Capable": false, "Startup Cost": 14.18, "Total Cost": 14.19, "Plan Rows": 1, "Plan Width": 8, "Actual Startup Time": 0.11, "Actual Total Time": 0.111, "Actual Rows": 1.0, "Actual Loops": 1, "Disabled": false, "Shared Hit Blocks": 3, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Local Dirtied Blocks": 0, "Local Written Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0, "Shared I/O Read Time": 0.0, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.0, "Local I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 0.0, "Plans": [{"Node Type": "Index Only Scan", "Parent Relationship": "Outer", "Parallel Aware": false, "Async Capable": false, "Scan Direction": "Forward", "Index Name": "ads_program_usernam_0271cc_idx", "Relation Name": "ads_programregistry", "Alias": "ads_programregistry", "Startup Cost": 0.28, "Total Cost": 13.08, "Plan Rows": 440, "Plan Width": 0, "Actual Startup Time": 0.039, "Actual Total Time": 0.08, "Actual Rows": 435.0, "Actual Loops": 1, "Disabled": false, "Index Cond": "((username = ''agency-2671''::text) AND (status = ''CURRENT''::text))", "Rows Removed by Index Recheck": 0, "Heap Fetches": 0, "Index Searches": 1, "Shared Hit Blocks": 3, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Local Dirtied Blocks": 0, "Local Written Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0, "Shared I/O Read Time": 0.0, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.0, "Local I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 0.0}]}, "Settings": {"jit": "off"}, "Planning": {"Shared Hit Blocks": 390, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Local Dirtied Blocks": 0, "Local Written Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0, "Shared I/O Read Time": 0.0, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.0, "Local I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 0.0}, "Planning Time": 1.397, "Triggers": [], "Execution Time": 0.181}','Aggregate
  Index Only Scan on ads_programregistry using ads_program_usernam_0271cc_idx');
INSERT INTO "plan" VALUES('sample-tiny-20261128-131750-qkcg','index','tiny','page','cold',0,'SELECT COUNT(*) AS "__count" FROM "ads_programregistry" WHERE ("ads_programregistry"."status" = ? AND "ads_programregistry"."username" = ?)','{"Plan": {"Node Type": "Aggregate", "Strategy": "Plain", "Partial Mode": "Simple", "Parallel Aware": false, "Async Capable": false, "Startup Cost": 14.18, "Total Cost": 14.19, "Plan Rows": 1, "Plan Width": 8, "Actual Startup Time": 0.081, "Actual Total Time": 0.082, "Actual Rows": 1.0, "Actual Loops": 1, "Disabled": false, "Shared Hit Blocks": 3, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Local Dirtied Blocks": 0, "Local Written Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0, "Shared I/O Read Time": 0.0, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.0, "Local I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 0.0, "Plans": [{"Node Type": "Index Only Scan", "Parent Relationship": "Outer", "Parallel Aware": false, "Async Capable": false, "Scan Direction": "Forward", "Index Name": "ads_program_usernam_0271cc_idx", "Relation Name": "ads_programregistry", "Alias": "ads_programregistry", "Startup Cost": 0.28, "Total Cost": 13.08, "Plan Rows": 440, "Plan Width": 0, "Actual Startup Time": 0.034, "Actual Total Time": 0.059, "Actual Rows": 435.0, "Actual Loops": 1, "Disabled": false, "Index Cond": "((username = ''agency-2671''::text) AND (status = ''CURRENT''::text))", "Rows Removed by Index Recheck": 0, "Heap Fetches": 0, "Index Searches": 1, "Shared Hit Blocks": 3, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Local Dirtied Blocks": 0, "Local Written Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0, "Shared I/O Read Time": 0.0, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.0, "Local I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 0.0}]}, "Settings": {"jit": "off"}, "Planning": {"Shared Hit Blocks": 408, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Local Dirtied Blocks": 0, "Local Written Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0, "Shared I/O Read Time": 0.0, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.0, "Local I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 0.0}, "Planning Time": 0.988, "Triggers": [], "Execution Time": 0.13}','Aggregate
  Index Only Scan on ads_programregistry using ads_program_usernam_0271cc_idx');
CREATE TABLE run (
	id VARCHAR NOT NULL, 
	study VARCHAR NOT NULL, 
	scale VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	blocks INTEGER NOT NULL, 
	declaration JSON NOT NULL, 
	environment VARCHAR NOT NULL, 
	package VARCHAR NOT NULL, 
	telemetry_before JSON NOT NULL, 
	telemetry_after JSON, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(environment) REFERENCES environment (digest)
);
INSERT INTO "run" VALUES('sample-tiny-20261128-131750-qkcg','sample','tiny',1,2,'{"name": "sample", "title": "A sample of the first schema", "arms": [{"label": "baseline", "variant": "baseline"}, {"label": "index", "variant": "index"}, {"label": "index+cache", "variant": "index+cache"}, {"label": "baseline (again)", "variant": "baseline"}, {"label": "rival:wsgi-constant", "variant": "rival:wsgi-constant", "rival": {"name": "rival:wsgi-constant", "title": "bare WSGI, constant bytes", "command": ["{python}", "-m", "perfstudy.service.granian", "benchmarks.rivals.bare:constant", "{host}:{port}"], "caches": false, "schema": "connections+gunicorn+cache+invalidate+single_flight+breaker+bytes+granian+page+json+prepared+covering+keyset+near+behind+bypass", "scenarios": []}}], "scenarios": ["page"], "scales": ["tiny"], "blocks": 2, "requests": 5, "seconds": 3.0, "least": 5, "costs": false, "variants": []}','87b93bfa34737db7d40dad7f61fcbf8549d26aa4a0c7bf8e0549546e090cf325','0.1.0','{"load": [3.25341796875, 5.0009765625, 5.1640625], "available_gib": 22.6, "swap_used_gib": 0.0, "on_battery": false, "jitter": 1.784}','{"load": [2.6953125, 4.6669921875, 5.04541015625], "available_gib": 22.8, "swap_used_gib": 0.0, "on_battery": false, "jitter": 1.289}','2026-11-28 13:17:50.519145','2026-11-28 13:18:23.989616');
CREATE TABLE sample (
	run VARCHAR NOT NULL, 
	cell INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	setup_seconds DOUBLE NOT NULL, 
	warmups INTEGER NOT NULL, 
	first_ns BIGINT, 
	server_timing JSON NOT NULL, 
	bytes BIGINT NOT NULL, 
	errors INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	latencies BLOB NOT NULL, 
	PRIMARY KEY (run, cell), 
	FOREIGN KEY(run, cell) REFERENCES cell (run, number)
);
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',0,'2026-11-28 13:18:15.718919',6.86304800199254248088e-03,5,1862696,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.151}',2,0,5,X'789CB3491162000191301E30BD722E849E5506A1F76CE302D30065050513');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',1,'2026-11-28 13:18:15.741443',1.62059547999325148648e-01,5,NULL,'{"connect": 6.218, "db": 8.292, "serialize": 9.441, "total": 26.104}',12439,0,5,X'789C8B5EBC8791010874793781E9A3932683E94D9F0E80E9BBF17BC13400BD8A08F3');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',2,'2026-11-28 13:18:16.937469',3.09111609998233560769e-02,5,7662091,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.127}',2,0,5,X'789C3B7B86970104A27FB88169C90C6E306D76810B4C1F6381F001961A05B1');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',3,'2026-11-28 13:18:16.989346',9.22322459978398845326e-02,6,NULL,'{"connect": 0.0, "db": 0.0, "serialize": 0.123, "total": 0.723}',12438,0,5,X'789CFB77598C01041A174B8369F7134E605A7DBA10987EF05B194C0300AB880746');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',4,'2026-11-28 13:18:17.101139',1.88020512001353196085e-01,5,NULL,'{"connect": 5.905, "db": 8.214, "serialize": 9.098, "total": 25.749}',12439,0,5,X'789CCB7B318D9101087A172C00D37D5E5BC07448F86E309DDA7E034C0300C7070875');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',5,'2026-11-28 13:18:17.940025',1.02244679996894606566e-02,5,6157309,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.127}',2,0,5,X'789C734EE0630081EEEF5C60BA652F0F98BEC90EA1150D20F2007B7904D6');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',6,'2026-11-28 13:18:17.959444',1.38051403998243976678e-01,5,NULL,'{"connect": 6.034, "db": 7.652, "serialize": 8.942, "total": 24.144}',12439,0,5,X'789C6B9699CBC8000485894BC0F4AE1333C1F4B59DB560DA669D1113880600B52007FC');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',7,'2026-11-28 13:18:18.851978',1.54017031998914422086e-01,5,32310047,'{"connect": 7.409, "db": 10.836, "serialize": 9.791, "total": 29.872}',12439,0,5,X'789C6B0CE466620082FD9FA4C1F4EBDD7719417450EA79305DA075194C0300B5140827');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',8,'2026-11-28 13:18:19.174673',4.01434499885229556515e-03,5,NULL,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.128}',2,0,5,X'789C33DEC6C90002EAB7B8C0F4A7773C607AEF5D0E309D550691070092AF0675');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',9,'2026-11-28 13:18:19.542778',1.98297100186526058934e-03,5,358228,'{}',2,0,5,X'789C0BE665610081F5995660FA50032B980E7FC80CA6770B40E401705D0508');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',10,'2026-11-28 13:18:19.554587',9.21374200020537784117e-03,5,NULL,'{}',12439,0,5,X'789CEBDCCCC20006BE10FABA0884E61286D05A6C101A00550B02D6');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',11,'2026-11-28 13:18:20.157611',5.3669840020752809101e-03,5,1586331,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.126}',2,0,5,X'789CE37DC7C7000229D3B9C0B4ED236E30DD1C0CA17B2743C40179C30544');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',12,'2026-11-28 13:18:20.172063',1.47431562000236493492e-01,5,NULL,'{"connect": 6.195, "db": 7.873, "serialize": 8.819, "total": 24.746}',12439,0,5,X'789CFB7B773123031028C6F48169A7F0794C20DA67C637307FCEA4D9601A00C5240869');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',13,'2026-11-28 13:18:21.021780',5.93496399818835632111e-03,5,2000273,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.129}',2,0,5,X'789CBB51CDC30002B91FB9C174A30284CFA10BA1A7AEE402D3007FD404FF');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',14,'2026-11-28 13:18:21.039111',2.08795242000682335081e-01,5,NULL,'{"connect": 6.859, "db": 9.945, "serialize": 12.065, "total": 30.881}',12439,0,5,X'789CDB1F12C3C400048BFF598269A7FAB38C203A5E8715CC97D29D01E60300A498064F');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',15,'2026-11-28 13:18:21.849589',8.84245999956627393157e-03,5,6728223,'{}',12439,0,5,X'789CEB4A6365000135289D2E09A10B322174E16716300D005BB70452');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',16,'2026-11-28 13:18:21.866095',2.27298100065669419003e-03,5,NULL,'{}',2,0,5,X'789C7B2ACDC600020F96B380E99E3E089DC4C10AA60B3741F80083380546');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',17,'2026-11-28 13:18:22.469661',1.0373062003404088377e-02,5,2417711,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.164}',2,0,5,X'789C73FD2EC000022F8EF1836926666E309DF682174C1F34E003D300876E0574');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',18,'2026-11-28 13:18:22.491641',4.53602289997542193478e-02,6,NULL,'{"connect": 0.0, "db": 0.0, "serialize": 0.126, "total": 0.741}',12438,0,5,X'789C733A2FCC0002FCDD42603AAB4D044C6BE840F8CB3A04C1340068B4047A');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',19,'2026-11-28 13:18:22.546423',1.84019738002203669946e-01,5,NULL,'{"connect": 7.072, "db": 9.565, "serialize": 9.528, "total": 28.588}',12439,0,5,X'789C8B5AF6819101085CB9EF83695FB30D60FA96D10130FDFAFA52300D00B6F9088B');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',20,'2026-11-28 13:18:23.441668',6.5751729984236655796e-03,5,1671704,'{"connect": 0.0, "db": 0.0, "serialize": 0.0, "total": 0.134}',2,0,5,X'789C5B3E8D9F0104E47279C1F422373E307DB193074CDF3C079107007EFE05F7');
INSERT INTO "sample" VALUES('sample-tiny-20261128-131750-qkcg',21,'2026-11-28 13:18:23.458289',1.69036670999019450478e-01,5,NULL,'{"connect": 7.268, "db": 10.335, "serialize": 11.161, "total": 30.352}',12439,0,5,X'789CCBFE7F9B9101084A7F3E01D33619FFC074EBD41B607A4FD971300D00EF8E0A2A');
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1);
CREATE TABLE verdict (
	run VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	"row" JSON NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES run (id)
);
INSERT INTO "verdict" VALUES('sample-tiny-20261128-131750-qkcg',0,'{"claim": "index-queries", "quote": "3-5x faster queries with status filtering and date sorting", "source": "Changes implemented, 1: Database indexes", "scale": "tiny", "scenario": "page", "temperature": "cold", "variant": "index", "reference": "baseline", "quantity": "database", "claimed": "3 to 5 times", "claimed_low": 3.0, "claimed_high": 5.0, "median": 0.008723482102921969, "reference_median": 0.009236440223376103, "speedup": 1.058801991498591, "low": 0.026319903572878056, "high": 42.5936840572853, "floor": 1.1838044035262651, "p_adjusted": 1.0, "verdict": "inconclusive", "indicative": false, "reason": "0.0263 to 42.6 times does not exclude the noise floor of 1.18 times"}');
INSERT INTO "verdict" VALUES('sample-tiny-20261128-131750-qkcg',1,'{"claim": "index-response", "quote": "+ Database indexes: 5.0s before, 1.5-2.0s after, 60-70% faster", "source": "Performance improvements", "scale": "tiny", "scenario": "page", "temperature": "cold", "variant": "index", "reference": "baseline", "quantity": "response", "claimed": "2.5 to 3.34 times", "claimed_low": 2.5, "claimed_high": 3.34, "median": 0.030292252265689264, "reference_median": 0.029351410417384156, "speedup": 0.968941172150122, "low": 0.10237312282536493, "high": 9.170834777495278, "floor": 1.1838044035262651, "p_adjusted": 1.0, "verdict": "inconclusive", "indicative": false, "reason": "0.102 to 9.17 times does not exclude the noise floor of 1.18 times"}');
COMMIT;
