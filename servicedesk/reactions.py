"""THE table: what follows from what. Read it to know everything that happens after an event, and which extra guards a transition has."""

from collections.abc import Callable, Mapping
from typing import Any

from channels.messages import actions, customer, escalation, nps, surveys, voices, work
from core.events import Event, Reaction, after, inside
from escalation.events import EscalationAcknowledged, EscalationAnswered, EscalationOverdue, LevelNotified
from escalation.services import plans, raising
from improvements.events import (
    ActionClosed,
    ActionFailed,
    ActionImplemented,
    ActionOpened,
    ActionOverdue,
    ActionReassigned,
    ActionReminded,
)
from improvements.services import promises
from sla.events import ClockBreached, ClocksMoved, ClocksRecounted, ClocksStarted, ClockWarned, CommitmentBroken
from sla.services import clocks, commitments
from surveys.events import (
    DetractorFound,
    LowScore,
    NpsChanged,
    NpsInvited,
    NpsReminded,
    ScoreChanged,
    SurveyInvited,
    SurveyReminded,
    VoiceAcknowledged,
    VoiceAnswered,
    VoiceAppealed,
    VoiceClosed,
    VoiceCommented,
    VoiceLevelTold,
    VoiceOverdue,
    VoiceReceived,
)
from surveys.services import follow_up, satisfaction, steering
from surveys.services import nps as nps_answers
from tickets.events import (
    FileAttached,
    MessagePosted,
    SolutionRefused,
    TicketAssigned,
    TicketCancelled,
    TicketClosed,
    TicketOpened,
    TicketReceived,
    TicketReclassified,
    TicketRegistered,
    TicketRejected,
    TicketResumed,
    TicketSolved,
    TicketStarted,
    UserAwaited,
    ValidationReminded,
    VendorAwaited,
)

REACTIONS: Mapping[type[Event], list[Reaction]] = {
    TicketReceived: [inside(clocks.start), after(customer.receipt)],
    TicketRegistered: [inside(clocks.start), after(customer.registered)],
    TicketOpened: [inside(clocks.sync), after(customer.opened)],
    TicketAssigned: [inside(clocks.sync), after(customer.assigned), after(work.assigned)],
    TicketStarted: [
        inside(clocks.sync),
        inside(commitments.follow),
        inside(plans.follow_promise),
        after(customer.started),
    ],
    UserAwaited: [inside(clocks.sync), after(customer.awaited)],
    VendorAwaited: [inside(clocks.sync), after(customer.vendor)],
    TicketResumed: [inside(clocks.sync), after(customer.resumed), after(work.resumed)],
    TicketReclassified: [inside(clocks.sync), after(customer.reclassified), after(work.urgent)],
    MessagePosted: [
        inside(clocks.sync),
        inside(commitments.follow),
        inside(plans.follow_promise),
        after(customer.message),
        after(work.message),
    ],
    TicketSolved: [
        inside(clocks.sync),
        inside(commitments.follow),
        inside(plans.follow_promise),
        inside(raising.end),
        after(customer.solved),
    ],
    SolutionRefused: [
        inside(clocks.sync),
        inside(commitments.follow),
        inside(plans.follow_promise),
        after(customer.refused),
        after(work.refused),
    ],
    TicketClosed: [
        inside(clocks.sync),
        inside(commitments.follow),
        inside(raising.end),
        after(customer.closed),
        after(satisfaction.invite),
    ],
    TicketRejected: [inside(clocks.sync), inside(commitments.follow), inside(raising.end), after(customer.rejected)],
    FileAttached: [after(customer.message), after(work.message)],
    ValidationReminded: [after(customer.reminder)],
    TicketCancelled: [
        inside(clocks.sync),
        inside(commitments.follow),
        inside(raising.end),
        after(customer.cancelled),
        after(work.cancelled),
    ],
    ClocksStarted: [inside(plans.start)],
    ClocksMoved: [inside(plans.follow)],
    ClocksRecounted: [inside(plans.follow_all)],
    ClockWarned: [after(work.warned)],
    ClockBreached: [after(work.breached)],
    CommitmentBroken: [after(work.commitment_broken), after(promises.broken)],
    LevelNotified: [after(escalation.level), after(escalation.told)],
    EscalationAcknowledged: [after(escalation.acknowledged)],
    EscalationAnswered: [after(escalation.answered), after(escalation.answered_team)],
    EscalationOverdue: [after(escalation.reminded), after(escalation.overdue)],
    SurveyInvited: [after(surveys.invited)],
    SurveyReminded: [after(surveys.reminded)],
    LowScore: [after(follow_up.open_action)],
    ScoreChanged: [after(follow_up.note_change)],
    NpsInvited: [after(nps.invited)],
    NpsReminded: [after(nps.reminded)],
    DetractorFound: [after(nps_answers.open_action)],
    NpsChanged: [after(nps_answers.note_change)],
    VoiceReceived: [after(voices.received), after(steering.open_by_rule)],
    VoiceLevelTold: [after(voices.level)],
    VoiceAcknowledged: [after(voices.acknowledged)],
    VoiceAnswered: [after(voices.answered)],
    VoiceAppealed: [after(voices.appealed)],
    VoiceCommented: [after(voices.commented)],
    VoiceOverdue: [after(voices.overdue)],
    VoiceClosed: [after(voices.closed)],
    ActionOpened: [after(actions.opened)],
    ActionReassigned: [after(actions.reassigned)],
    ActionReminded: [after(actions.reminded)],
    ActionOverdue: [after(actions.overdue)],
    ActionImplemented: [after(actions.implemented)],
    ActionFailed: [after(actions.failed)],
    ActionClosed: [after(actions.closed)],
}

GUARDS: Mapping[str, list[Callable[..., Any]]] = {}
