"""Competitors of the service: lower bounds, and peers that people would choose."""
