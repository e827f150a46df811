"""The WSGI application, for whichever server runs it."""

from perfstudy.service.start import starting

with starting():
    from django.core.wsgi import get_wsgi_application

    django = get_wsgi_application()
    # Django imports the URLs with the first request; a variant that cannot be folded must fail at the start.
    import perfstudy.service.urls  # noqa: F401
    from perfstudy.service.ads.urls import view
    from perfstudy.service.bodies import read_away
    from perfstudy.service.bypass import before

    application = read_away(before(django, view))
