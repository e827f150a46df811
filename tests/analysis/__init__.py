"""Tests of the analysis, and of the method itself on simulated data."""
