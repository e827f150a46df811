"""A real browser as a driver: found or fetched, started, and asked over a pipe."""
