# right: gather with return_exceptions, a prompt of its own
import asyncio

from anthropic import APIError

from mas_helpers import ReplyError
from mas_helpers.agents import with_deadline


async def small(question, tasks, workers, synthesizer):
    return await with_deadline(work(question, tasks, workers, synthesizer), 40.0)


async def work(question, tasks, workers, synthesizer):
    asked = [workers[name].run(task) for name, task in tasks.items()]
    came = dict(zip(tasks, await asyncio.gather(*asked, return_exceptions=True), strict=True))
    for error in came.values():
        if isinstance(error, Exception) and not isinstance(error, ReplyError | APIError):
            raise error
    answers = {name: one for name, one in came.items() if isinstance(one, str)}
    if not answers:
        raise RuntimeError("nobody answered: " + ", ".join(f"{n}: {e}" for n, e in came.items()))
    prompt = "\n\n".join([question, *(f"{tasks[n]}\n{one}" for n, one in answers.items())])
    return await synthesizer.run(prompt), [name for name in tasks if name not in answers]
