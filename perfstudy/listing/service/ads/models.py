"""The two tables of the listing, with their columns in the database's order."""

from django.db import models

from perfstudy.listing.service.ads.columns import Lists

BEFORE: tuple[tuple[str, ...], ...] = (
    ("username",),
    ("program_id",),
    ("yelp_business_id",),
    ("status",),
    ("username", "yelp_business_id"),
    ("username", "program_id"),
    ("username", "status"),
    ("username", "yelp_business_id", "status"),
    ("username", "program_name"),
    ("username", "status", "program_name"),
    ("username", "yelp_business_id", "program_name"),
    ("username", "yelp_business_id", "status", "program_name"),
    ("username", "program_status"),
    ("username", "start_date"),
    ("username", "updated_at"),
    ("yelp_business_id", "business_name"),
)
"""The columns of each index that the service had before the study, besides keys and the unique constraint."""

ADDED = ("username", "status", "-start_date")
"""The columns of the index that the report added."""


class Business(models.Model):
    """A business of the directory, stored here so that its name needs no request."""

    yelp_business_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    url = models.CharField(max_length=500, null=True)
    alias = models.CharField(max_length=255, null=True)
    cached_at = models.DateTimeField(null=True)
    fetch_failed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class ProgramRegistry(models.Model):
    """An advertising program of a tenant, who is called ``username`` here."""

    username = models.CharField(max_length=150)
    program_id = models.CharField(max_length=64)
    yelp_business_id = models.CharField(max_length=64)
    partner_business_id = models.CharField(max_length=64, null=True)
    business_name = models.CharField(max_length=255, null=True)
    """Deprecated: the name that the listing shows is the business's own."""
    business = models.ForeignKey(Business, models.SET_NULL, null=True, related_name="programs")
    status = models.CharField(max_length=16)
    program_status = models.CharField(max_length=16, null=True)
    program_pause_status = models.CharField(max_length=16, null=True)
    program_name = models.CharField(max_length=32)
    """The program's type: BP, CPC and so on."""
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    custom_name = models.CharField(max_length=255, null=True)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    max_bid = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    ad_cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, null=True)
    is_autobid = models.BooleanField(null=True)
    billed_impressions = models.IntegerField(null=True)
    billed_clicks = models.IntegerField(null=True)
    fee_period = models.CharField(max_length=32, null=True)
    businesses = Lists(null=True)
    active_features = Lists(null=True)
    available_features = Lists(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Single-column indexes are declared here too.

        ``db_index`` would add a second one for each, for LIKE.
        """

        indexes = [models.Index(fields=fields) for fields in (*BEFORE, ADDED)]
        constraints = [models.UniqueConstraint(fields=("username", "program_id"), name="ads_program_unique")]

    def __str__(self) -> str:
        return f"{self.username}/{self.program_id}"
