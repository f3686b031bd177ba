"""A workflow that logs one event with a field too many; alone here, as the sandbox imports it again."""

from temporalio import workflow


@workflow.defn
class Talkative:
    def __init__(self) -> None:
        self._done = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._done)

    @workflow.update
    async def speak(self) -> None:
        workflow.logger.info("case.spoke", extra={"case_number": "20260213-000001", "caller_name": "张三"})
        self._done = True
