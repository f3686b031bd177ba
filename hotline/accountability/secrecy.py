"""Who may know of an accountability file (保密): of the discipline body, and there only whom it does not touch.

To everybody else a dossier is told like one that does not exist. The unit of the person complained about
learns of it last of all, whatever the role of whoever asks.
"""

from collections.abc import Iterable

from hotline.accountability.state import (
    DossierState,
    Officer,
    OrganisationSubject,
    PersonSubject,
    unit_of,
)
from hotline.accountability.vocabulary import Level
from hotline.refusals import Unseen


def may_know(officer: Officer, state: DossierState) -> bool:
    """Whether an officer may learn that this dossier exists."""
    if officer.level is Level.SYSTEM:
        return True
    return officer.user_id not in state.recused and may_work_on(officer, state.subjects)


def may_work_on(officer: Officer, subjects: Iterable[PersonSubject | OrganisationSubject]) -> bool:
    """Whether a matter about these people and units is an officer's to know: none of them, and all supervised."""
    concerned = tuple(subjects)
    units = {unit_of(subject) for subject in concerned}
    if officer.user_id in _accounts(concerned) or officer.unit in units:
        return False
    return officer.supervises is None or units <= set(officer.supervises)


def accounts_of(state: DossierState) -> frozenset[str]:
    """The accounts of those whom the dossier is about."""
    return _accounts(state.subjects)


def _accounts(subjects: Iterable[PersonSubject | OrganisationSubject]) -> frozenset[str]:
    return frozenset(
        subject.account for subject in subjects if isinstance(subject, PersonSubject) and subject.account
    )


def unseen() -> Unseen:
    """The answer to whoever may not know: the same as for a number that was never given."""
    return Unseen("dossier_not_found", "没有找到该案卷")
