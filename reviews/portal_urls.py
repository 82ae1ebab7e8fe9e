"""All addresses of the portal (include this under /portal/): registering, and a party's side of a case."""

from django.urls import path

from partners import urls
from reviews import channel_views, company_views, deals_views, interim_portal, portal, receipt_views, talk_portal
from reviews.knowledge.views import portal as knowledge

app_name = urls.app_name
urlpatterns = [
    path("", portal.RegistrationsView.as_view(), name="registrations"),
    path("deals.csv", deals_views.DealsCsvView.as_view(), name="deals_csv"),
    path("registrations/<uuid:pk>/", portal.RegistrationView.as_view(), name="registration"),
    path("registrations/<uuid:pk>/receipt/", receipt_views.ReceiptView.as_view(), name="receipt"),
    path("registrations/<uuid:pk>/answer/", portal.AnswerView.as_view(), name="answer"),
    path("registrations/<uuid:pk>/appeal/", interim_portal.AppealView.as_view(), name="appeal"),
    path("breaches/", interim_portal.BreachesView.as_view(), name="breaches"),
    path("breaches/<uuid:pk>/", interim_portal.BreachView.as_view(), name="breach"),
    path("talks/<uuid:pk>/", talk_portal.TalkView.as_view(), name="talk"),
    path("talks/<uuid:pk>/statement/", talk_portal.StateView.as_view(), name="state_interests"),
    path("concerns/", knowledge.ConcernsView.as_view(), name="concerns"),
    path("concerns/raise/", knowledge.RaiseConcernView.as_view(), name="raise_concern"),
    path("concerns/<uuid:pk>/", knowledge.ConcernView.as_view(), name="concern"),
    path("charter/", knowledge.CharterView.as_view(), name="charter"),
    path("policy/", portal.PolicyView.as_view(), name="policy"),
    path("notices/", portal.NoticesView.as_view(), name="notices"),
    path("notices/<uuid:pk>/", portal.NoticeView.as_view(), name="notice"),
    path("how-you-are-told/", channel_views.HowToldView.as_view(), name="how_told"),
    path("partners/<uuid:pk>/language/", channel_views.LanguageView.as_view(), name="language"),
    path("webhooks/", channel_views.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:pk>/", channel_views.WebhookView.as_view(), name="webhook"),
    path("company/", company_views.CompanyView.as_view(), name="company"),
    path("company/scorecard/", company_views.ScorecardView.as_view(), name="scorecard"),
    path("policy-summaries/<uuid:pk>/", company_views.PolicyChangeView.as_view(), name="policy_change"),
    path("registrations/<uuid:pk>/survey/", company_views.SurveyView.as_view(), name="survey"),
    *urls.urlpatterns,
]
