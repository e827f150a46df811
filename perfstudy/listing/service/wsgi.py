"""The WSGI application, for any server."""

from perfstudy.listing.service.start import starting

with starting():
    from django.core.wsgi import get_wsgi_application

    django = get_wsgi_application()
    # Django imports the URLs with the first request; a variant that cannot be built must fail at the start.
    import perfstudy.listing.service.urls  # noqa: F401
    from perfstudy.listing.service import page
    from perfstudy.listing.service.ads.urls import variant, view
    from perfstudy.listing.service.body_drain import read_away
    from perfstudy.listing.service.lifecycle import serve

    page.current()  # a page that cannot be shown fails here, not when it is asked for
    application = read_away(serve(django, variant, view))
