"""Django REST framework: ListAPIView, ModelSerializer, limit-offset pagination.

As in https://www.django-rest-framework.org/api-guide/generic-views/, …/serializers/,
…/pagination/#custom-pagination-styles and …/authentication/#custom-authentication. Only JSON is rendered, and no
user model is needed (…/settings/#unauthenticated_user).
"""

from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from benchmarks.competitors import asked, django_settings

base = django_settings.make_settings(__name__)
settings.configure(
    **base | {"INSTALLED_APPS": ["rest_framework", *base["INSTALLED_APPS"]]},
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
application = get_wsgi_application()

from rest_framework import authentication, exceptions, generics, pagination, serializers  # noqa: E402
from rest_framework.response import Response  # noqa: E402

from benchmarks.competitors import plain, rows  # noqa: E402
from perfstudy.listing.service.ads.models import ProgramRegistry  # noqa: E402


class Bearer(authentication.BaseAuthentication):
    """The tenant of a bearer token, as the request's user."""

    def authenticate(self, request: Any) -> tuple[str, None]:
        tenant = asked.read_tenant(request.headers.get("Authorization", ""))
        if tenant is None:
            raise exceptions.AuthenticationFailed
        return tenant, None


class Cents(serializers.Field):
    """Money in cents."""

    def to_representation(self, value: Any) -> int:
        return int(value * 100)


class Metrics(serializers.ModelSerializer):
    """The figures of a program that has a budget."""

    budget, max_bid, ad_cost = Cents(), Cents(), Cents()
    currency = serializers.SerializerMethodField()
    billed_impressions = serializers.SerializerMethodField()
    billed_clicks = serializers.SerializerMethodField()

    class Meta:
        model = ProgramRegistry
        fields = (
            *("budget", "max_bid", "ad_cost", "currency", "is_autobid"),
            *("billed_impressions", "billed_clicks", "fee_period"),
        )

    def get_currency(self, row: Any) -> str:
        return str(row.currency or "USD")

    def get_billed_impressions(self, row: Any) -> int:
        return int(row.billed_impressions or 0)

    def get_billed_clicks(self, row: Any) -> int:
        return int(row.billed_clicks or 0)


class Listed(serializers.Field):
    """A list, empty for null."""

    def get_attribute(self, instance: Any) -> Any:
        return getattr(instance, self.field_name) or []

    def to_representation(self, value: Any) -> Any:
        return value


class Program(serializers.ModelSerializer):
    """A program of the answer."""

    program_type = serializers.CharField(source="program_name")
    program_status = serializers.SerializerMethodField()
    business_id = serializers.CharField(source="yelp_business_id")
    business_name = serializers.SerializerMethodField()
    businesses, active_features, available_features = Listed(), Listed(), Listed()
    program_metrics = Metrics(source="*")

    class Meta:
        model = ProgramRegistry
        fields = (
            *("program_id", "program_type", "program_status", "program_pause_status"),
            *("yelp_business_id", "business_id", "business_name", "start_date", "end_date", "custom_name"),
            *("businesses", "active_features", "available_features", "program_metrics"),
        )

    def get_program_status(self, row: Any) -> str:
        return str(row.program_status or row.status)

    def get_business_name(self, row: Any) -> str:
        return str((row.business.name if row.business else "") or row.yelp_business_id)

    def to_representation(self, instance: Any) -> Any:
        found = super().to_representation(instance)
        if instance.budget is None:
            del found["program_metrics"]
        return found


class Page(pagination.LimitOffsetPagination):
    """A page by limit and offset, or all rows."""

    default_limit = 20

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        if request.query_params.get("all") == "true":
            self.count, self.offset, self.limit = None, 0, None
            return list(queryset)
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        total = len(data) if self.count is None else self.count
        return Response(
            {
                "programs": data,
                "total_count": total,
                "offset": self.offset,
                "limit": self.limit,
                "from_cache": False,
            }
        )


class Programs(generics.ListAPIView):
    """The listing."""

    authentication_classes = (Bearer,)
    serializer_class = Program
    pagination_class = Page

    def get_queryset(self) -> Any:
        return rows.filter_programs(rows.parse_query(self.request, self.request.user))


urlpatterns = plain.urls(Programs.as_view())
