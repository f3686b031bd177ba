"""The rollout (规则换版) of a published policy revision to every living case, as one durable workflow.

It walks over the living cases in the order of their numbers, page by page, again and again until a walk that
began after the old policy had gone out of use finds nobody left. It can be killed and resumed anywhere: a case
that has the revision is no longer in a page.
"""

from typing import NoReturn

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

from workflows import options
from workflows.contracts import PageDone, PageOrder, RolloutContract, RolloutEnd, RolloutInput, Sweep
from workflows.living import should_continue_as_new


@workflow.defn(name="policy_rollout", versioning_behavior=VersioningBehavior.PINNED)
class PolicyRolloutWorkflow:
    """One revision on its way to the living cases."""

    @workflow.init
    def __init__(self, rollout: RolloutInput) -> None:
        """Begin the first walk, or go on with the one that an earlier run began."""
        self._revision = rollout.revision
        self._started_at = rollout.started_at or workflow.now()
        self._sweep = rollout.sweep or Sweep(began_at=workflow.now())

    @workflow.run
    async def run(self, rollout: RolloutInput) -> RolloutEnd:  # noqa: ARG002  Temporal passes it here as to __init__
        """Walk until nobody is left or another revision has overtaken this one, and note the end."""
        while True:
            page = await self._next_page()
            if page.overtaken or self._is_complete(page):
                break
            await self._go_on(page)
            if should_continue_as_new():
                self._continue_as_new()
        end = RolloutEnd(revision=self._revision, overtaken=page.overtaken)
        await workflow.execute_activity_method(RolloutContract.finish, end, **options.rollout())
        return end

    async def _next_page(self) -> PageDone:
        order = PageOrder(revision=self._revision, after=self._sweep.after)
        return await workflow.execute_activity_method(RolloutContract.page, order, **options.rollout())

    def _is_complete(self, page: PageDone) -> bool:
        """Whether this walk came to its end, left nobody, and began late enough to have met everybody."""
        settled_at = self._started_at + options.ROLLOUT_SETTLES_AFTER
        is_clean = page.last is None and not page.awaited and not self._sweep.left
        return is_clean and self._sweep.began_at >= settled_at

    async def _go_on(self, page: PageDone) -> None:
        if page.last is not None:
            left = self._sweep.left + page.left
            self._sweep = self._sweep.model_copy(update={"after": page.last, "left": left})
            return
        settled_at = self._started_at + options.ROLLOUT_SETTLES_AFTER
        await workflow.sleep(max(settled_at - workflow.now(), options.ROLLOUT_RESTS_FOR), summary="next walk")
        self._sweep = Sweep(began_at=workflow.now())

    def _continue_as_new(self) -> NoReturn:
        workflow.continue_as_new(
            RolloutInput(revision=self._revision, started_at=self._started_at, sweep=self._sweep),
            initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )
