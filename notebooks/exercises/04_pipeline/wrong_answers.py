"""Tempting wrong answers to the exercises of 04_pipeline, and what is wrong with them."""

import asyncio
import re

from mas_helpers import ReplyError, run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


def names_a_line(stage, text):
    """It sees that a line is named, not that the code has it.

    The code has 11 lines, and a finding on line 40 goes on to the next stage, which is paid to read
    it.

    Ask back: which text would a stage write that invents a finding? Does your gate stop that one?
    """
    named = re.search(r"\bline \d+", text, re.IGNORECASE)
    return None if named else "it names no line of the code"


async def short_memory(task, stages):
    """One dict does two jobs here: what the next stage reads, and what is kept.

    The texts before the last are paid for and gone, from the result and from a `PipelineStopped`.

    Ask back: who reads `completed` inside the loop, and who after it? Do both want the same texts?
    """
    done = {}
    for stage in stages:
        try:
            text = await stage.run(stage_prompt(task, done))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), done) from error
        done = {stage.name: text}
    return done


async def resume(task, stages, gate, completed):
    """As long as all goes well, nothing is missing.

    If the pipeline stops once more, the error of `run_pipeline` propagates, and that one knows only
    the new texts: you'd pay for the old ones again.

    Ask back: which function made that error, and what had it been given? What would a third run
    have to pay for?
    """
    rest = [stage for stage in stages if stage.name not in completed]
    return {**completed, **await run_pipeline(stage_prompt(task, completed), rest, gate)}


async def review_all(tasks, stages):
    """Stage by stage: a barrier.

    Nobody begins stage 2 before the slowest task is through stage 1.

    Ask back: at second 1, task A is through stage 1. What is it waiting for?
    """
    completed = {name: {} for name in tasks}
    for stage in stages:
        jobs = [stage.run(stage_prompt(tasks[name], completed[name])) for name in tasks]
        for name, text in zip(tasks, await asyncio.gather(*jobs), strict=True):
            completed[name][stage.name] = text
    return completed
