"""Version 1. What is written here is never renamed, only added to."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from api.v1 import (
    action_acts,
    actions,
    attachments,
    complaint_acts,
    complaints,
    description,
    escalations,
    events,
    messages,
    nps,
    reference,
    sla,
    suggestions,
    summary,
    survey_results,
    surveys,
    tickets,
    transitions,
)


class Id(IntConverter):
    """A row's id; a number that no column can hold is no address."""

    regex = "[0-9]{1,18}"


register_converter(Id, "id")

urlpatterns = [
    path("tickets/", tickets.TicketList.as_view(), name="tickets"),
    path("tickets/<str:number>/", tickets.TicketDetail.as_view(), name="ticket"),
    path("tickets/<str:number>/transitions/", transitions.Transitions.as_view(), name="transitions"),
    path("tickets/<str:number>/messages/", messages.Messages.as_view(), name="messages"),
    path("tickets/<str:number>/attachments/", attachments.Attachments.as_view(), name="attachments"),
    path("tickets/<str:number>/events/", events.Events.as_view(), name="ticket-events"),
    path("tickets/<str:number>/sla/", sla.Clocks.as_view(), name="ticket-sla"),
    path("tickets/<str:number>/escalations/", escalations.Escalations.as_view(), name="escalations"),
    path("tickets/<str:number>/escalations/acknowledge/", escalations.Acknowledge.as_view(), name="acknowledge"),
    path("tickets/<str:number>/escalations/answer/", escalations.Answer.as_view(), name="answer"),
    path("escalation-matrix/", escalations.Matrix.as_view(), name="escalation-matrix"),
    path("complaints/", complaints.ComplaintList.as_view(), name="complaints"),
    path("complaints/<str:number>/", complaints.ComplaintDetail.as_view(), name="complaint"),
    path("complaints/<str:number>/transitions/", complaint_acts.Transitions.as_view(), name="complaint-transitions"),
    path("complaints/<str:number>/entries/", complaint_acts.Entries.as_view(), name="complaint-entries"),
    path("complaints/<str:number>/messages/", complaint_acts.Messages.as_view(), name="complaint-messages"),
    path("complaints/<str:number>/vote/", suggestions.Ballot.as_view(), name="complaint-vote"),
    path("complaint-files/<id:pk>/", complaint_acts.Download.as_view(), name="complaint-file"),
    path("complaint-areas/", complaints.Areas.as_view(), name="complaint-areas"),
    path("suggestions/", suggestions.SuggestionList.as_view(), name="suggestions"),
    path("surveys/", surveys.SurveyList.as_view(), name="surveys"),
    path("surveys/results/", survey_results.Results.as_view(), name="survey-results"),
    path("surveys/questionnaires/", survey_results.QuestionnaireList.as_view(), name="questionnaires"),
    path("surveys/questionnaires/<id:pk>/", survey_results.QuestionnaireDetail.as_view(), name="questionnaire"),
    path("surveys/<id:pk>/", surveys.SurveyDetail.as_view(), name="survey"),
    path("surveys/<id:pk>/answer/", surveys.SurveyReply.as_view(), name="survey-answer"),
    path("sla/preview/", sla.Preview.as_view(), name="sla-preview"),
    path("sla/summary/", summary.Summary.as_view(), name="sla-summary"),
    path("attachments/<id:pk>/", attachments.Download.as_view(), name="download"),
    path("corrective-actions/", actions.ActionList.as_view(), name="corrective-actions"),
    path("corrective-actions/<str:number>/", actions.ActionDetail.as_view(), name="corrective-action"),
    path(
        "corrective-actions/<str:number>/transitions/",
        action_acts.Transitions.as_view(),
        name="corrective-action-transitions",
    ),
    path("corrective-actions/<str:number>/entries/", action_acts.Entries.as_view(), name="corrective-action-entries"),
    path("corrective-actions/<str:number>/files/", action_acts.Files.as_view(), name="corrective-action-files"),
    path("evidence/<id:pk>/", action_acts.Download.as_view(), name="evidence"),
    path("events/", events.Feed.as_view(), name="events"),
    path("nps/campaigns/", nps.Campaigns.as_view(), name="nps-campaigns"),
    path("nps/results/", nps.Results.as_view(), name="nps-results"),
    path("nps/answers/", nps.Answers.as_view(), name="nps-answers"),
    path("me/", reference.Me.as_view(), name="me"),
    path("schema/", description.Schema.as_view(), name="schema"),
    path("docs/", description.Docs.as_view(), name="docs"),
]
for name, (listed, one) in reference.RESOURCES.items():
    urlpatterns += [
        path(f"{name}/", listed.as_view(), name=name),
        path(f"{name}/<id:pk>/", one.as_view(), name=f"{name}-one"),
    ]
