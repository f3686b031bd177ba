"""A workflow module that reaches outside: the strict sandbox does not let a worker start with it."""

from temporalio import workflow

import store.failures


@workflow.defn
class StrayImport:
    @workflow.run
    async def run(self) -> str:
        return store.failures.__name__
