"""What an accountability file tells the cases it came from (案卷报告): that it exists and how far it is, no more.

A report follows from the state alone, and each is made once: so a file that is asked again, or is told about a
second time, says nothing new. The case keeps it beside its ledger (docs/adr/0038).
"""

from collections.abc import Iterator
from datetime import datetime

from hotline.accountability.state import DossierState
from hotline.accountability.vocabulary import FileEvent
from hotline.identifiers import CaseNo, CommandId, derived_command
from hotline.model import Record


class FileReport(Record):
    """One thing that one case is told of a file; `at` is when it happened there.

    `reference` is how cases speak of the file: drawn by lot, so that it tells nobody the number.
    """

    case_no: CaseNo
    reference: str
    event: FileEvent
    at: datetime

    @property
    def report_id(self) -> CommandId:
        """The same whenever the same is told."""
        return derived_command(self.reference, self.event)


def reports_of(state: DossierState) -> tuple[FileReport, ...]:
    """Everything that each of its cases is to know of a file by now, the earliest first.

    A file that was registered before files had references says nothing.
    """
    if not state.reference:
        return ()
    return tuple(
        FileReport(case_no=case_no, reference=state.reference, event=event, at=at)
        for event, at in _events(state)
        for case_no in state.cases
    )


def _events(state: DossierState) -> Iterator[tuple[FileEvent, datetime]]:
    """What has happened, each at its first instant; a later decision is not told again."""
    yield FileEvent.OPENED, state.registered_at
    made = [decision.decided_at for decision in state.decisions if decision.decided_at]
    if made:
        yield FileEvent.DECIDED, min(made)
    if made and not any(decision.stands for decision in state.decisions):
        yield FileEvent.REVOKED, max(one.revoked_at for one in state.decisions if one.revoked_at)
    if state.closed_at:
        yield FileEvent.CLOSED, state.closed_at
        yield from _ended(state)


def _ended(state: DossierState) -> Iterator[tuple[FileEvent, datetime]]:
    """影响期满: the last period of a closed file is over; one that lasts for life never is."""
    ended = [decision.effect_ended_at for decision in state.decisions if decision.effect_ended_at]
    if ended and not any(decision.is_running for decision in state.decisions):
        yield FileEvent.EFFECT_ENDED, max(ended)
