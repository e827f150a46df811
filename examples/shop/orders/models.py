"""Customers, products, and orders with their lines."""

from django.db import models


class Customer(models.Model):
    """A customer."""

    name = models.CharField(max_length=100)


class Product(models.Model):
    """A product."""

    name = models.CharField(max_length=100)
    cents = models.PositiveIntegerField()


class Order(models.Model):
    """An order of a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    placed = models.DateTimeField(db_index=True)


class Line(models.Model):
    """A product in an order, and how many of it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    count = models.PositiveIntegerField()
