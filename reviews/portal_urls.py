"""All addresses of the portal (include this under /portal/): registering, and a party's side of a case."""

from django.urls import path

from partners import urls
from reviews import interim_portal, portal

app_name = urls.app_name
urlpatterns = [
    path("", portal.RegistrationsView.as_view(), name="registrations"),
    path("registrations/<uuid:pk>/", portal.RegistrationView.as_view(), name="registration"),
    path("registrations/<uuid:pk>/answer/", portal.AnswerView.as_view(), name="answer"),
    path("registrations/<uuid:pk>/appeal/", interim_portal.AppealView.as_view(), name="appeal"),
    path("breaches/", interim_portal.BreachesView.as_view(), name="breaches"),
    path("breaches/<uuid:pk>/", interim_portal.BreachView.as_view(), name="breach"),
    path("policy/", portal.PolicyView.as_view(), name="policy"),
    path("notices/", portal.NoticesView.as_view(), name="notices"),
    path("notices/<uuid:pk>/", portal.NoticeView.as_view(), name="notice"),
    *urls.urlpatterns,
]
