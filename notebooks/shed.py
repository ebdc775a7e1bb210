"""The tool shed of lesson 15, which is invented: a question, three pieces of material, the team;
and a thousand runs of it, some of them late.
"""

import asyncio
import math
import random

from mas_helpers import OPUS, SONNET, Agent, orchestrate

QUESTION = "Should the tool shed close in January and February?"

LOANS = """Loans by month: January 42, February 38, March 95, April 130, May 148, June 121, July 96,
August 104, September 118, October 87, November 51, December 30."""

MEMBERS = """- In January I borrow the heat gun, and nobody else has one.
- Nobody comes in February. Save the heating.
- Keep one day a week in winter.
- I do my repairs indoors in winter. Please stay open.
- Close in winter and open longer in May.
- One evening a week would do in January.
- I never come in winter."""

COSTS = """The shed is open on 8 days a month. An open day costs 40 for the helper.
From November to February the heating adds 25 a day."""

WORK = """You answer questions about a shed in which a town lends tools to its members. Use the
material below and nothing else. One line for each figure or point, in digits, with the sum that it
comes from. At most 60 words, and no advice. If the material does not hold an answer, say so in one
sentence."""

PLAN = """You plan work for a shed in which a town lends tools. Split the question into 2 to 4
subtasks that all begin at once. Each goes to one worker, by its kind:
- loans: has how many loans each month had. Answers with figures.
- members: has what members wrote about opening hours. Says what they ask for, and how many.
- costs: has what an open day costs, and how many there are. Answers with figures.
A worker sees its subtask and its own material: not the question, not another subtask, no other
result. So each subtask says all that its worker needs. Under needs, list the numbers of the
subtasks whose results it needs."""

MERGE = """You answer a question of those who run a shed in which a town lends tools. You get the
question, and results of work on it, each under its task. Use the results and nothing else. At most
80 words, in plain sentences. Keep figures in digits. Do not speak of tasks or results. Where a
result is missing, say in one sentence what the answer cannot tell."""


def build_team(client):
    """The planner, its workers by their kinds, and the synthesizer."""
    material = {"loans": LOANS, "members": MEMBERS, "costs": COSTS}
    workers = {
        kind: Agent(kind, SONNET, f"{WORK}\n\n{text}", client=client)
        for kind, text in material.items()
    }
    planner = Agent("planner", OPUS, PLAN, client=client)
    return planner, workers, Agent("synthesizer", OPUS, MERGE, client=client)


class Waiting:
    """An agent that only waits, and says what it said in the recorded run.

    Without the SDK and its milliseconds of work, a thousand runs take a second or so.
    """

    def __init__(self, call, late, dice, asked):
        self.name, self.call, self.late, self.dice, self.asked = call.agent, call, late, dice, asked

    async def run(self, prompt):
        self.asked.append(self.name)
        if self.dice.random() < self.late:
            seconds = self.dice.uniform(10, 30)
        else:
            seconds = self.dice.uniform(0.8, 1.2) * self.call.seconds
        await asyncio.sleep(round(seconds, 1))
        return self.call.answer

    async def parse(self, prompt, output_type):
        return output_type.model_validate_json(await self.run(prompt))


async def many_runs(recorded, wrap=lambda worker: worker, runs=1000, late=0.05):
    """Runs of the recorded one with other luck: `[(seconds, gaps, agents that were asked), …]`.

    A call takes 80 to 120 % of its recorded seconds; a worker's takes 10 to 30 s in a share `late`
    of calls. Run 417 has the same luck each time, whatever `wrap` puts around the workers.
    """
    loop, results = asyncio.get_running_loop(), []
    for number in range(runs):
        began, asked = loop.time(), []
        team = {
            call.agent: Waiting(
                call,
                0 if call.agent in ("planner", "synthesizer") else late,
                random.Random(f"run {number}, {call.agent}"),
                asked,
            )
            for call in recorded.calls
        }
        planner, synthesizer = team.pop("planner"), team.pop("synthesizer")
        workers = {kind: wrap(worker) for kind, worker in team.items()}
        result = await orchestrate(QUESTION, planner, workers, synthesizer)
        results.append((round(loop.time() - began, 6), len(result.missing), asked))
    return results


def percentile(seconds, p):
    """The seconds within which p of 100 runs are done."""
    return sorted(seconds)[math.ceil(len(seconds) * p / 100) - 1]


def measure(runs, usd):
    """What a table shows of many runs; usd: what one call of each agent costs."""
    seconds = [one[0] for one in runs]
    percentiles = [f"{percentile(seconds, p):.1f}" for p in (50, 95, 99)]
    gaps = sum(bool(gaps) for _, gaps, _ in runs)
    calls = [name for _, _, asked in runs for name in asked]
    again = len(calls) - len(runs) * len(usd)
    dollars = sum(usd[name] for name in calls)
    return *percentiles, f"{max(seconds):.1f}", gaps, again, f"${dollars:.2f}"
