"""The paths that the shop answers."""

from django.urls import path
from orders import views

urlpatterns = [
    path("health/", views.health),
    path("api/orders", views.list_orders),
    path("api/orders/<int:pk>", views.show_order),
]
