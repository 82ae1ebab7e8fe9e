"""The portal's addresses for registering; reviews/portal_urls.py adds a party's side of a case to them."""

from django.urls import path

from partners import amend_views, batch_views, paper_views, paste_views, people_views, portal, register_views, views

app_name = "portal"
urlpatterns = [
    path("register/", register_views.RegisterView.as_view(), name="register"),
    path("register/autosave/", register_views.AutosaveView.as_view(), name="autosave_new"),
    path("register/from-text/", paste_views.PasteView.as_view(), name="paste"),
    path("register/many/", batch_views.ManyView.as_view(), name="many"),
    path("register/many/template.csv", batch_views.CsvTemplateView.as_view(), name="many_csv"),
    path("register/many/template.xlsx", batch_views.XlsxTemplateView.as_view(), name="many_xlsx"),
    path("registration-batches/<uuid:pk>/", batch_views.BatchView.as_view(), name="batch"),
    path("registration-batches/<uuid:pk>/to-mend.csv", batch_views.ToMendView.as_view(), name="to_mend"),
    path("registrations/<uuid:pk>/edit/", register_views.RegisterView.as_view(), name="edit"),
    path("registrations/<uuid:pk>/autosave/", register_views.AutosaveView.as_view(), name="autosave"),
    path("registrations/<uuid:pk>/amend/", amend_views.AmendView.as_view(), name="amend"),
    path("registrations/<uuid:pk>/register-again/", amend_views.ResubmitView.as_view(), name="resubmit"),
    path("registrations/<uuid:pk>/withdraw/", views.WithdrawView.as_view(), name="withdraw"),
    path("registrations/<uuid:pk>/proof/", paper_views.ProofView.as_view(), name="proof"),
    path("registrations/<uuid:pk>/extend/", portal.ExtendView.as_view(), name="extend"),
    path("evidence/<uuid:pk>/take-back/", paper_views.TakeBackView.as_view(), name="take_back"),
    path("evidence-files/<uuid:pk>/", paper_views.FileView.as_view(), name="file"),
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
