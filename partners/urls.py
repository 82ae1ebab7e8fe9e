"""The portal's addresses for registering; reviews/portal_urls.py adds a party's side of a case to them."""

from django.urls import path

from partners import paste_views, people_views, portal, views

app_name = "portal"
urlpatterns = [
    path("register/", views.RegisterView.as_view(), name="register"),
    path("register/from-text/", paste_views.PasteView.as_view(), name="paste"),
    path("registrations/<uuid:pk>/edit/", views.RegisterView.as_view(), name="edit"),
    path("registrations/<uuid:pk>/withdraw/", views.WithdrawView.as_view(), name="withdraw"),
    path("registrations/<uuid:pk>/proof/", views.ProofView.as_view(), name="proof"),
    path("registrations/<uuid:pk>/extend/", portal.ExtendView.as_view(), name="extend"),
    path("lead-offers/", portal.LeadOffersView.as_view(), name="lead_offers"),
    path("lead-offers/<uuid:pk>/", portal.LeadOfferView.as_view(), name="lead_offer"),
    path("lead-offers/<uuid:pk>/accept/", portal.AcceptLeadView.as_view(), name="accept_lead"),
    path("lead-offers/<uuid:pk>/decline/", portal.DeclineLeadView.as_view(), name="decline_lead"),
    path("registrations/<uuid:pk>/tell-me/", portal.TellMeView.as_view(), name="tell_me"),
    path("company/people/", people_views.PeopleView.as_view(), name="people"),
    path("company/people/invite/", people_views.InviteView.as_view(), name="invite"),
    path("memberships/<uuid:pk>/", people_views.PersonView.as_view(), name="person"),
    path("memberships/<uuid:pk>/remove/", people_views.RemoveView.as_view(), name="remove_person"),
    path("invitations/<uuid:pk>/withdraw/", people_views.WithdrawInvitationView.as_view(), name="withdraw_invitation"),
    path("join/<str:token>/", people_views.JoinView.as_view(), name="join"),
]
