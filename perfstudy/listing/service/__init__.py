"""The thing measured: a Django project with one listing, served as one variant per process."""
