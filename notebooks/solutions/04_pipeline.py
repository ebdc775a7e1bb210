"""Solutions to the exercises of 04_pipeline."""

import re

from mas_helpers import LineStopped, ReplyError, handed_on, pipeline


def names_a_line(stage, text):
    named = [int(number) for number in re.findall(r"\bline (\d+)", text.lower())]
    return "" if any(1 <= number <= 11 for number in named) else "it names no line of the code"


async def short_memory(task, stages):
    done, before = {}, {}
    for stage in stages:
        try:
            text = await stage.run(handed_on(task, before))
        except ReplyError as error:
            raise LineStopped(stage.name, str(error), done) from error
        before = {stage.name: text}
        done[stage.name] = text
    return done


async def resume(task, stages, gate, done):
    rest = [stage for stage in stages if stage.name not in done]
    try:
        return {**done, **await pipeline(handed_on(task, done), rest, gate)}
    except LineStopped as again:
        raise LineStopped(again.stage, again.reason, {**done, **again.done}) from again
