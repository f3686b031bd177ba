"""What the demo city has beside cases (追责与考核): accountability files at several stages, and a frozen month.

All of it goes through the API of the running stack at the present time, under keys that make a second run the first.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue

from commands.accounts import Account, Accounts
from commands.city.plan import FileRow, Plan
from commands.client import ApiProblem, HotlineApi
from hotline.indicators.months import Month
from hotline.roles import STAFF
from hotline.vocabulary import Role, Status

_DOSSIERS: Final = "/accountability/dossiers"
_APPROVERS: Final = {"section": "section1", "deputy": "deputy1", "principal": "principal1"}
"""Who approves at which level; the accounts are those of the demonstration data."""

_CALLERS: Final = 3
"""So many further callers are worth one rectification for all."""

_REGISTRAR: Final = "discipline2"


class Office:
    """Officers and supervisors of the demo city."""

    def __init__(self, api: HotlineApi, accounts: Accounts, plan: Plan) -> None:
        """Take the API of the stack that serves."""
        self._api, self._plan = api, plan
        self._accounts = {account.user_id: account for role in STAFF for account in accounts.of(role)}
        self._supervisor = accounts.pick(Role.SUPERVISOR)

    async def open_file(self, index: int) -> None:
        """Register a clue and take its file as far as its row says."""
        row = self._plan.file[index]
        key = f"{self._plan.key}-file-{index:02d}"
        subject = await self._subject(row, key)
        form = {**row.clue, "subjects": [subject]}
        number = (await self._ask(_REGISTRAR, "POST", _DOSSIERS, form, key=key))["dossier_no"]
        for at, step in enumerate(row.steps):
            if step == ("levels",):
                await self._approve(number, f"{key}-{at:02d}")
                continue
            user, kind, fields = step
            path = f"{_DOSSIERS}/{number}/commands/{kind}"
            await self._ask(str(user), "POST", path, _form(fields), key=f"{key}-{at:02d}")

    async def freeze_last_month(self, present: datetime) -> bool:
        """Preview and freeze the month before; False if it may not be frozen (yet), or is."""
        month = Month.of(Month.of(present).since - timedelta(days=1))
        path, key = f"/indicators/months/{month}", f"{self._plan.key}-{month}"
        try:
            told = await self._ask(self._supervisor.user_id, "POST", f"{path}/preview", {}, key=key)
            form = {"figures_digest": told["figures_digest"]}
            await self._ask(self._supervisor.user_id, "POST", f"{path}/freeze", form, key=f"{key}-f")
        except ApiProblem:
            return False
        return True

    async def build_mass_event(self) -> bool:
        """One rectification for the callers of a burst (群体性诉求); False if no burst has both a case in hand and new ones."""
        found = (await self._ask(self._supervisor.user_id, "GET", "/bursts?limit=50"))["items"]
        for burst in sorted(found, key=lambda burst: -burst["callers"]):
            number = burst["burst_id"]
            behind = (await self._ask(self._supervisor.user_id, "GET", f"/bursts/{number}/cases"))["items"]
            in_hand = [case["case_no"] for case in behind if case["status"] == Status.IN_HAND.value]
            fresh = [case["case_no"] for case in behind if case["status"] == Status.RECEIVED.value]
            if in_hand and len(fresh) >= _CALLERS:
                form = {"members": fresh, "reason": "同一事项，合并整改，分别回访", "burst_id": number}
                path, key = f"/cases/{in_hand[0]}/mass-event", f"{self._plan.key}-mass"
                await self._ask(self._supervisor.user_id, "POST", path, form, key=key)
                return True
        return False

    async def have_read(self, until: datetime) -> int:
        """Everybody has read what they were told up to an instant; returns how much that was."""
        form, read = {"until": until.isoformat()}, 0
        for user in self._accounts:
            told = await self._ask(user, "POST", "/inbox/read", form, key=f"{self._plan.key}-read")
            read += told["marked"]
        return read

    async def _subject(self, row: FileRow, key: str) -> dict[str, Any]:
        if row.person is None:
            return {"kind": "organisation", "unit": row.unit}
        form = {"name": row.person["name"]}
        told = await self._ask(_REGISTRAR, "POST", "/accountability/persons", form, key=f"{key}-person")
        position = {"unit": row.unit, "title": row.person["title"]}
        return {"kind": "person", "person": told["person"], "position": position}

    async def _approve(self, number: str, key: str) -> None:
        """Let every level whose turn it is approve what was proposed last."""
        turn = 0
        while waiting := (await self._ask(_REGISTRAR, "GET", f"{_DOSSIERS}/{number}"))["approvals"]:
            proposal = waiting[-1]
            form = {"proposal": proposal["number"], "approved": True, "opinion": "同意"}
            path = f"{_DOSSIERS}/{number}/commands/rule_on_proposal"
            turn += 1
            await self._ask(_APPROVERS[proposal["level"]], "POST", path, form, key=f"{key}-{turn}")

    # The answer is as the API gives it.
    async def _ask(
        self, user: str, method: str, path: str, form: Mapping[str, Any] | None = None, *, key: str = ""
    ) -> dict[str, Any]:
        return await self._api.ask(method, path, self._account(user).token, form, key=key)

    def _account(self, user: str) -> Account:
        return next(account for account in self._accounts.values() if account.user_id == user)


def _form(fields: JsonValue) -> Mapping[str, JsonValue]:
    assert isinstance(fields, dict), "a step of the plan ends with a form"
    return fields
