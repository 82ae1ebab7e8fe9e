"""Where every address leads."""

from django.contrib import admin
from django.urls import include, path

from channelconflict import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignInView.as_view(), name="login"),
    path("sign-out/", views.SignOutView.as_view(), name="logout"),
    path("healthz", views.live, name="live"),
    path("readyz", views.ready, name="ready"),
    path("portal/", include("reviews.portal_urls")),
    path("review/", include("reviews.urls")),
    path("admin/", admin.site.urls),
]
