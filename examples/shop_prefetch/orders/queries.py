"""The orders that are listed."""

from orders.models import Order


def newest_orders(limit):
    """Return the newest orders, with their customers, lines and products."""
    orders = Order.objects.select_related("customer").prefetch_related("lines__product")
    return orders.order_by("-placed", "-pk")[:limit]
