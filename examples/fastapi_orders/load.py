"""Fill the database at ``DATABASE_URL``, with the same orders however often it is run."""

import os

import psycopg

SCHEMA = """
CREATE TABLE orders (id integer PRIMARY KEY, customer text NOT NULL);
CREATE TABLE lines (id serial PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, product text, count integer);
INSERT INTO orders SELECT n, 'Customer ' || n % 200 FROM generate_series(1, 2000) n;
INSERT INTO lines (order_id, product, count)
    SELECT n, 'Product ' || (n + 11 * step) % 50, step FROM generate_series(1, 2000) n, generate_series(1, 3) step
    ORDER BY n, step;
CREATE INDEX ON lines (order_id);
"""

with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute(SCHEMA)
