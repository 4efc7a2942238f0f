"""Addresses: includes and error handlers; never a view."""

from django.conf import settings
from django.urls import include, path

from coprod import home, views

urlpatterns = [
    path("", home.home, name="home"),
    path("today/", home.today, name="today"),
    path("promises/", home.promises, name="promises"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("healthz", views.healthz, name="healthz"),
    path("links/new/", views.link_again, name="link_again"),
    # Before allauth's, some of which they close.
    path("", include("members.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-step/", include("allauth.mfa.urls")),
    path("meetings/", include("meetings.urls")),
    path("check/", include("meetings.check_urls")),
    path("projects/", include("projects.urls")),
    path("what-we-said/", include("meetings.ask_urls")),
    path("", include("expenses.urls")),
]

if settings.COPROD_DEMO or settings.DEBUG or settings.TESTING:
    from coprod import demo_views

    urlpatterns += [
        path("demo/mail/", demo_views.mail_list, name="demo_mail"),
        path("demo/mail/<str:key>/", demo_views.mail_detail, name="demo_mail_detail"),
        path("demo/mail/<str:key>/html/", demo_views.mail_html, name="demo_mail_html"),
        path("components/", demo_views.gallery, name="gallery"),
    ]
