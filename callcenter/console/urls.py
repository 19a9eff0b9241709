from django.urls import path, register_converter
from django.urls.converters import StringConverter

from callcenter.console.views import (
    audience,
    board,
    calls,
    consents,
    estate,
    incidents,
    interventions,
    logbook,
    people,
    recordings,
    shift,
    subscriptions,
)

app_name = "console"


class SubjectConverter(StringConverter):
    regex = "|".join(logbook.SUBJECTS)


register_converter(SubjectConverter, "subject")

urlpatterns = [
    path("", board.board, name="board"),
    path("tableau/", board.live_board, name="live_board"),
    path("recherche/", board.find, name="search"),
    path("releve/", shift.handover, name="handover"),
    path("appels/demonstration/", calls.demo_ring, name="demo_ring"),
    path("appels/nouveau/", calls.new_call, name="new_call"),
    path("appels/<int:pk>/", calls.call, name="call"),
    path("appels/<int:pk>/decrocher/", calls.answer_call, name="answer_call"),
    path("appels/<int:pk>/chercher/", calls.look_for_caller, name="look_for_caller"),
    path("appels/<int:pk>/personne/", calls.identify_caller, name="identify_caller"),
    path("appels/<int:pk>/personne/retirer/", calls.clear_caller, name="clear_caller"),
    path("appels/<int:pk>/information/", calls.give_notice, name="give_notice"),
    path("appels/<int:pk>/enregistrement/", calls.answer_recording, name="answer_recording"),
    path("appels/<int:pk>/enregistrement/pause/", calls.pause_recording, name="pause_recording"),
    path("appels/<int:pk>/enregistrement/reprise/", calls.resume_recording, name="resume_recording"),
    path("appels/<int:pk>/issue/", calls.finish_call, name="finish_call"),
    path("appels/<int:pk>/intervention/<int:intervention_pk>/", calls.link_intervention, name="link_intervention"),
    path("rappels/<int:pk>/", calls.callback, name="callback"),
    path("rappels/<int:pk>/rappeler/", calls.ring_back, name="ring_back"),
    path("rappels/<int:pk>/classer/", calls.give_up_callback, name="give_up_callback"),
    path("enregistrements/", recordings.all_recordings, name="recordings"),
    path("enregistrements/<int:pk>/", recordings.recording, name="recording"),
    path("enregistrements/<int:pk>/son/", recordings.recording_sound, name="recording_sound"),
    path("audience/", audience.site_audience, name="audience"),
    path("main-courante/<subject:subject>/<int:pk>/", logbook.write, name="write"),
    path("main-courante/<int:pk>/rectifier/", logbook.strike, name="strike"),
    path("interventions/nouvelle/", interventions.new_intervention, name="new_intervention"),
    path("interventions/<int:pk>/", interventions.intervention, name="intervention"),
    path("interventions/<int:pk>/fil/", interventions.live_intervention, name="live_intervention"),
    path("interventions/<int:pk>/suivre/", interventions.take_over, name="take_over"),
    path("interventions/<int:pk>/lien/", interventions.new_link, name="new_link"),
    path("interventions/<int:pk>/<slug:to>/", interventions.advance, name="advance"),
    path("residences/<int:residence_pk>/incident/", incidents.new_incident, name="new_incident"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/clore/", incidents.close_incident, name="close_incident"),
    path("incidents/<int:pk>/interventions/<int:intervention_pk>/", incidents.attach, name="attach"),
    path("personnes/nouvelle/", people.new_person, name="new_person"),
    path("personnes/<int:pk>/", people.person, name="person"),
    path("personnes/<int:pk>/modifier/", people.edit_person, name="edit_person"),
    path("personnes/<int:pk>/fusionner/", people.merge, name="merge"),
    path("personnes/<int:pk>/consentements/<slug:purpose>/", consents.note_consent, name="note_consent"),
    path("fusions/<int:pk>/annuler/", people.undo_merge, name="undo_merge"),
    path("logements/<int:pk>/", estate.dwelling, name="dwelling"),
    path("residences/<int:pk>/", estate.residence, name="residence"),
    path("abonnements/", subscriptions.all_subscriptions, name="subscriptions"),
    path("abonnements/<int:pk>/", subscriptions.act_on_subscription, name="act_on_subscription"),
    path("abonnements/pieces/<int:pk>/", subscriptions.identity_copy, name="identity_copy"),
    path("abonnements/pieces/<int:pk>/verifier/", subscriptions.act_on_identity, name="act_on_identity"),
    path("abonnements/", subscriptions.all_subscriptions, name="subscriptions"),
    path("abonnements/<int:pk>/", subscriptions.act_on_subscription, name="act_on_subscription"),
    path("abonnements/pieces/<int:pk>/", subscriptions.identity_copy, name="identity_copy"),
    path("abonnements/pieces/<int:pk>/verifier/", subscriptions.act_on_identity, name="act_on_identity"),
    path("alertes/nouvelle/", estate.new_alert, name="new_alert"),
    path("alertes/<int:pk>/lever/", estate.end_alert, name="end_alert"),
]
