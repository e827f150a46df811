"""``manage.py perf_orders``: the same orders, however often it is run."""

from datetime import datetime, timedelta

from django.core.management.base import BaseCommand

from orders.models import Customer, Line, Order, Product

FIRST = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
CUSTOMERS, PRODUCTS, ORDERS, LINES = 200, 50, 2_000, 3


class Command(BaseCommand):
    """Fill an empty database."""

    def handle(self, *args, **options):
        """Fill it."""
        customers = Customer.objects.bulk_create(Customer(name=f"Customer {n}") for n in range(CUSTOMERS))
        products = Product.objects.bulk_create(Product(name=f"Product {n}", cents=100 + n) for n in range(PRODUCTS))
        orders = Order.objects.bulk_create(
            Order(customer=customers[7 * n % CUSTOMERS], placed=FIRST + timedelta(minutes=n)) for n in range(ORDERS)
        )
        Line.objects.bulk_create(
            Line(order=order, product=products[(n + 11 * step) % PRODUCTS], count=1 + step)
            for n, order in enumerate(orders)
            for step in range(LINES)
        )
