"""The orders that are listed."""

from orders.models import Order


def newest_orders(limit):
    """Return the newest orders."""
    return Order.objects.order_by("-placed", "-pk")[:limit]
