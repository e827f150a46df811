"""The measured service: a Django project with one listing, one variant a process."""
