"""What waits for somebody (待办): the groups into which a role's own work falls, in the order of a day.

Which cases are in a group says store/work.py, in SQL; who has which groups is said here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hotline.model import Term
from hotline.vocabulary import Role


class WorkGroup(Term):
    """A group of cases that wait for the same thing."""

    TO_SIGN = "to_sign", "待签收"
    DUE_TODAY = "due_today", "今日到期"
    IN_HAND = "in_hand", "办理中"
    REWORK = "rework", "退回重办"
    ASSIST = "assist", "协办"
    SUSPENDED = "suspended", "挂账"
    TO_APPROVE = "to_approve", "待我审批"
    TO_DISPATCH = "to_dispatch", "待派遣"
    RETURNS = "returns", "退单审核"
    JOINT_REVIEWS = "joint_reviews", "会商"
    REQUESTS = "requests", "待审批"
    REPLIES = "replies", "待审核"


_OF_A_HANDLER: Final = (
    WorkGroup.TO_SIGN,
    WorkGroup.DUE_TODAY,
    WorkGroup.IN_HAND,
    WorkGroup.REWORK,
    WorkGroup.ASSIST,
    WorkGroup.SUSPENDED,
)

WORK_OF: Final[Mapping[Role, tuple[WorkGroup, ...]]] = MappingProxyType(
    {
        Role.HANDLER: _OF_A_HANDLER,
        Role.UNIT_HEAD: (*_OF_A_HANDLER, WorkGroup.TO_APPROVE),
        Role.DISPATCHER: (
            WorkGroup.TO_DISPATCH,
            WorkGroup.RETURNS,
            WorkGroup.JOINT_REVIEWS,
            WorkGroup.REPLIES,
            WorkGroup.REQUESTS,
        ),
    }
)
"""The groups of each role whose work is a queue of cases."""
