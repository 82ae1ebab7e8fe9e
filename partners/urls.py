"""The portal's addresses for registering; reviews/portal_urls.py adds a party's side of a case to them."""

from django.urls import path

from partners import amend_views, paste_views, portal, register_views, views

app_name = "portal"
urlpatterns = [
    path("register/", register_views.RegisterView.as_view(), name="register"),
    path("register/autosave/", register_views.AutosaveView.as_view(), name="autosave_new"),
    path("register/from-text/", paste_views.PasteView.as_view(), name="paste"),
    path("registrations/<uuid:pk>/edit/", register_views.RegisterView.as_view(), name="edit"),
    path("registrations/<uuid:pk>/autosave/", register_views.AutosaveView.as_view(), name="autosave"),
    path("registrations/<uuid:pk>/amend/", amend_views.AmendView.as_view(), name="amend"),
    path("registrations/<uuid:pk>/register-again/", amend_views.ResubmitView.as_view(), name="resubmit"),
    path("registrations/<uuid:pk>/withdraw/", views.WithdrawView.as_view(), name="withdraw"),
    path("registrations/<uuid:pk>/proof/", views.ProofView.as_view(), name="proof"),
    path("registrations/<uuid:pk>/extend/", portal.ExtendView.as_view(), name="extend"),
    path("lead-offers/", portal.LeadOffersView.as_view(), name="lead_offers"),
    path("lead-offers/<uuid:pk>/", portal.LeadOfferView.as_view(), name="lead_offer"),
    path("lead-offers/<uuid:pk>/accept/", portal.AcceptLeadView.as_view(), name="accept_lead"),
    path("lead-offers/<uuid:pk>/decline/", portal.DeclineLeadView.as_view(), name="decline_lead"),
    path("registrations/<uuid:pk>/tell-me/", portal.TellMeView.as_view(), name="tell_me"),
]
