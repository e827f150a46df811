"""Customers, products and orders."""
