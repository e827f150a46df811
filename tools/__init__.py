"""Prepare a checkout, and make what its documentation holds."""
