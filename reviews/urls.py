"""The review desk's addresses (under /review/)."""

from django.urls import path

from partners.paste_views import PasteForOthersView
from partners.views import RegisterForOthersView
from reviews import lead_views, learning_views, signal_views, snooze_views, stage_views, views
from reviews.training import views as training

app_name = "review"
urlpatterns = [
    path("", views.QueueView.as_view(), name="queue"),
    path("start/", views.StartView.as_view(), name="start"),
    path("register/", RegisterForOthersView.as_view(), name="register"),
    path("register/from-text/", PasteForOthersView.as_view(), name="paste"),
    path("decided/", views.DecidedView.as_view(), name="decided"),
    path("extensions/", views.ExtensionsView.as_view(), name="extensions"),
    path("extensions/<uuid:pk>/", views.ExtensionView.as_view(), name="extension"),
    path("leads/", lead_views.LeadsView.as_view(), name="leads"),
    path("leads/new/", lead_views.NewLeadView.as_view(), name="new_lead"),
    path("leads/<uuid:pk>/", lead_views.LeadView.as_view(), name="lead"),
    path("leads/<uuid:pk>/offer/", lead_views.OfferLeadView.as_view(), name="offer_lead"),
    path("leads/<uuid:pk>/take-back/", lead_views.TakeLeadBackView.as_view(), name="take_lead_back"),
    path("leads/<uuid:pk>/close/", lead_views.CloseLeadView.as_view(), name="close_lead"),
    path("signals/", signal_views.SignalsView.as_view(), name="signals"),
    path("signals/<uuid:pk>/", signal_views.SignalView.as_view(), name="signal"),
    path("signals/<uuid:pk>/acknowledge/", signal_views.AcknowledgeView.as_view(), name="acknowledge"),
    path("signals/<uuid:pk>/snooze/", signal_views.SnoozeView.as_view(), name="snooze"),
    path("signals/<uuid:pk>/close/", signal_views.CloseView.as_view(), name="close"),
    path("signals/<uuid:pk>/reopen/", signal_views.ReopenView.as_view(), name="reopen"),
    path("drift/", learning_views.DriftView.as_view(), name="drift"),
    path("drift-alarms/<uuid:pk>/", learning_views.DriftAlarmView.as_view(), name="drift_alarm"),
    path("calibration/", learning_views.CalibrationView.as_view(), name="calibration"),
    path("points/", learning_views.ProposalsView.as_view(), name="proposals"),
    path("proposals-of-weights/<uuid:pk>/", learning_views.ProposalView.as_view(), name="proposal"),
    path("feedback/", learning_views.FeedbackView.as_view(), name="feedback"),
    path("training/", training.TrainingView.as_view(), name="training"),
    path("training/own/", training.OwnExerciseView.as_view(), name="own_exercise"),
    path("training/<slug:name>/", training.ExerciseView.as_view(), name="exercise"),
    path("cases/<uuid:pk>/", views.CaseView.as_view(), name="case"),
    path("cases/<uuid:pk>/claim/", views.ClaimView.as_view(), name="claim"),
    path("cases/<uuid:pk>/release/", views.ReleaseView.as_view(), name="release"),
    path("cases/<uuid:pk>/approve/", views.ApproveView.as_view(), name="approve"),
    path("cases/<uuid:pk>/decide/", views.DecideView.as_view(), name="decide"),
    path("cases/<uuid:pk>/ask/", views.AskView.as_view(), name="ask"),
    path("cases/<uuid:pk>/take-back/", views.TakeBackView.as_view(), name="take_back"),
    path("cases/<uuid:pk>/snooze/", snooze_views.SnoozeFindingsView.as_view(), name="snooze_findings"),
    path("cases/<uuid:pk>/wake/", snooze_views.WakeFindingsView.as_view(), name="wake_findings"),
    path("cases/<uuid:pk>/mediate/", stage_views.MediateView.as_view(), name="mediate"),
    path("cases/<uuid:pk>/escalate/", stage_views.EscalateView.as_view(), name="escalate"),
    path("mediations/<uuid:pk>/", stage_views.MediationView.as_view(), name="mediation"),
    path("mediations/<uuid:pk>/propose/", stage_views.ProposeView.as_view(), name="propose"),
    path("mediations/<uuid:pk>/withdraw/", stage_views.WithdrawProposalView.as_view(), name="withdraw_proposal"),
    path("mediations/<uuid:pk>/stop/", stage_views.StopTalksView.as_view(), name="stop_talks"),
    path("mediations/<uuid:pk>/note/", stage_views.NoteEntryView.as_view(), name="note_entry"),
    path("mediations/<uuid:pk>/tick/", stage_views.TickEntryView.as_view(), name="tick_entry"),
    path("mediations/<uuid:pk>/answer/", stage_views.AnswerForDirectView.as_view(), name="answer_for_direct"),
    path("cases/<uuid:pk>/note/", views.NoteView.as_view(), name="note"),
    path("cases/<uuid:pk>/say/", learning_views.SayView.as_view(), name="say"),
    path("cases/<uuid:pk>/identity/", views.IdentityView.as_view(), name="identity"),
]
