"""Benchmarks of the project's own parts, and competitors of the service."""
