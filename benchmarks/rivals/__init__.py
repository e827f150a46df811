"""Applications that answer the listing beside the service: floors under it, and what people would pick instead."""
