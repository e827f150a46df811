"""The app: advertising programs of tenants, and their listing."""
