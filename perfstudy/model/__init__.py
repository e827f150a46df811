"""Declarations: services, arms, scenarios, claims and studies."""
