"""Competitors of the service: lower bounds, and what people would pick instead."""
