"""Who may know of an accountability file (保密): of the discipline body, and there only whom it does not touch.

To everybody else a dossier is told like one that does not exist. The unit of the person complained about
learns of it last of all, whatever the role of whoever asks.
"""

from hotline.accountability.state import DossierState, Officer, PersonSubject
from hotline.accountability.vocabulary import Level
from hotline.refusals import Unseen


def may_know(officer: Officer, state: DossierState) -> bool:
    """Whether an officer may learn that this dossier exists."""
    if officer.level is Level.SYSTEM:
        return True
    if officer.user_id in state.recused or officer.user_id in accounts_of(state):
        return False
    if officer.unit in state.units:
        return False
    return officer.supervises is None or set(state.units) <= set(officer.supervises)


def accounts_of(state: DossierState) -> frozenset[str]:
    """The accounts of those whom the dossier is about."""
    return frozenset(
        subject.account
        for subject in state.subjects
        if isinstance(subject, PersonSubject) and subject.account
    )


def unseen() -> Unseen:
    """The answer to whoever may not know: the same as for a number that was never given."""
    return Unseen("dossier_not_found", "没有找到该案卷")
