"""What `hotline up` shows: each part once it serves, then where to go (启动画面).

On a terminal in colour, elsewhere as plain lines, for machines one JSON object when all serves.
"""

import json
from pathlib import Path

from rich.console import Console

from commands.accounts import FILE, Accounts, AccountsMissingError
from commands.city.notebook import Progress
from hotline.vocabulary import Role
from runtime.stack import StackInfo
from runtime.supervisor import Board, PartStatus

_MARKS = {
    PartStatus.STARTING: "[dim]…[/]",
    PartStatus.SERVING: "[green]✓[/]",
    PartStatus.RESTARTING: "[yellow]↻[/]",
    PartStatus.DONE: "[green]✓[/]",
    PartStatus.STOPPED: "[dim]■[/]",
}


class StackDisplay:
    """Shows the changes of a board and, once, the stack."""

    def __init__(self, console: Console, data_dir: Path, *, as_json: bool) -> None:
        self._console = console
        self._data_dir = data_dir
        self._as_json = as_json
        self._shown: dict[str, PartStatus] = {}
        self._tenths = 0

    def show_changes(self, board: Board) -> None:
        for name, state in board.items():
            if self._shown.get(name) is not state.status:
                self._shown[name] = state.status
                self._say(f"{_MARKS[state.status]} {name} {state.status}")

    def show_stack(self, stack: StackInfo) -> None:
        if self._as_json:
            self._console.print(json.dumps(self._for_machines(stack)), markup=False)
            return
        self._console.print("\n[bold]hotline serves[/]")
        for what, where in self._for_eyes(stack).items():
            # Lines rather than a table: a path that is cut to the terminal's width cannot be copied.
            self._console.print(f"  [cyan]{what:<15}[/]{where}")
        self._console.print("Ctrl-C stops everything; nothing is lost if it is killed.\n")

    def show_growth(self, so_far: Progress) -> None:
        """Tell every tenth of the demo city that has come to stand."""
        tenths = int(so_far.share * 10)
        if tenths > self._tenths:
            self._tenths = tenths
            self._say(f"[dim]demo city: {len(so_far.done)} of {so_far.cases} cases stand[/]")

    def _say(self, line: str) -> None:
        if not self._as_json:
            self._console.print(line)

    def _for_machines(self, stack: StackInfo) -> dict[str, object]:
        public = stack.model_dump(
            mode="json", include={"temporal_address", "temporal_ui_url", "api_url", "pids"}
        )
        return {**public, "data_dir": str(self._data_dir)}

    def _for_eyes(self, stack: StackInfo) -> dict[str, str]:
        tokens = self._data_dir / FILE
        lines = {
            "console": f"{stack.api_url}/login",
            "API": f"{stack.api_url}  (documentation: {stack.api_url}/docs)",
            "Temporal": stack.temporal_ui_url or stack.temporal_address,
            "demo accounts": self._demo_accounts(),
            "their tokens": str(tokens) if tokens.exists() else "",
            "data": str(self._data_dir),
            "logs": str(self._data_dir / "logs"),
        }
        return {what: where for what, where in lines.items() if where}

    def _demo_accounts(self) -> str:
        """One account of each role; the others are in the file with the tokens."""
        try:
            accounts = Accounts.load(self._data_dir)
        except AccountsMissingError:
            return ""
        first = [found[0] for role in Role if (found := accounts.of(role))]
        return ", ".join(f"{account.user_id} {account.role.label}" for account in first)
