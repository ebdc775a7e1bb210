# right: an object that can be called, tasks in a group
import asyncio

from anthropic import APIError

from mas_helpers import ReplyError
from mas_helpers.agents import with_deadline


class Small:
    async def __call__(self, question, tasks, workers, synthesizer):
        return await with_deadline(self.work(question, tasks, workers, synthesizer), 40.0)

    async def work(self, question, tasks, workers, synthesizer):
        answers, reasons = {}, {}

        async def ask(name, task):
            try:
                answers[name] = await workers[name].run(task)
            except (ReplyError, APIError) as error:
                reasons[name] = str(error)

        async with asyncio.TaskGroup() as group:
            for name, task in tasks.items():
                group.create_task(ask(name, task))
        if not answers:
            raise RuntimeError(f"no answer: {reasons}")
        text = await synthesizer.run("\n".join([question, *answers.values()]))
        return [text, list(reasons)]


small = Small()
