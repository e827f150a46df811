"""What the shop answers."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from orders.models import Order
from orders.queries import newest_orders
from orders.tokens import is_valid


def health(request):
    """Say that the service is ready."""
    return HttpResponse("ok\n", content_type="text/plain")


def list_orders(request):
    """List the newest orders."""
    if not is_valid(request.headers.get("Authorization", "")):
        return JsonResponse({"error": "a bearer token is needed"}, status=401)
    limit = request.GET.get("limit", "20")
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        return JsonResponse({"error": "limit is a number from 1 to 100"}, status=400)
    return JsonResponse({"orders": [describe(order) for order in newest_orders(int(limit))]})


def show_order(request, pk):
    """Show an order."""
    if not is_valid(request.headers.get("Authorization", "")):
        return JsonResponse({"error": "a bearer token is needed"}, status=401)
    return JsonResponse(describe(get_object_or_404(Order, pk=pk)))


def describe(order):
    """Return *order* as JSON has it."""
    lines = sorted(order.lines.all(), key=lambda line: line.pk)
    return {
        "id": order.pk,
        "customer": order.customer.name,
        "placed": order.placed.isoformat(),
        "lines": [{"product": one.product.name, "count": one.count} for one in lines],
        "cents": sum(one.count * one.product.cents for one in lines),
    }
