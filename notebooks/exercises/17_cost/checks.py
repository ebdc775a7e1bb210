"""The checks of 17_cost: what each run costs, who begins when, and what is given back."""

import asyncio

from mas_helpers import SONNET, Agent, cost_usd, fake_client, run, trace
from mas_helpers.agents import BudgetReached
from mas_helpers.bench import with_prompt_cache
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

TEXT = {"type": "text", "text": "Done."}
DOCUMENT = {"type": "text", "text": "x" * 66_000, "cache_control": {"type": "ephemeral"}}
NAMES = ["ada", "ben", "cyd"]


BY_NAME = "A dictionary of the jobs' results by name; the warm-up is none of them."
MORE = "20 are paid now, and nothing is out: 80 are left. Give back what a job didn't cost."


class CacheDown(Exception):
    """What the warm-up of the check raises."""


def check_warm_up(warm_up):
    """The dollars of three readers and a warm-up, when each begins, and what a failure leaves."""
    case = "a warm-up of 3 s, then readers of 4 s"
    got, spent, began, seconds, _ = _warmed(warm_up, {})
    expect(f"{case}: the results", _shown(got), dict.fromkeys(NAMES, "Done."), BY_NAME)
    hint = "What is sent before the warm-up is done finds nothing in the cache, and writes again."
    if began == {"warm": 0.0}:
        hint = "The jobs never began: make tasks of them, or hand them to fan_out."
    expect(f"{case}: dollars", Line(f"${spent:.3f}"), Line("$0.056"), hint)
    hint = "All jobs begin at once, as soon as the warm-up is done."
    expect(f"{case}: who began when", began, {"warm": 0.0, **dict.fromkeys(NAMES, 3.0)}, hint)
    expect(f"{case}: seconds", seconds, 7.0, hint)

    case = "readers of 6, 2 and 4 s"
    got, _, _, _, _ = _warmed(warm_up, {"ada": 6.0, "ben": 2.0})
    hint = "In the order of `jobs`, not in the order in which they are done."
    expect(f"{case}: the names in the result", list(got), NAMES, hint)

    case = "the warm-up fails after 3 s"
    got, _, began, seconds, _ = _warmed(warm_up, {"warm": CacheDown("no cache")})
    hint = "Without a cache the jobs cost more, but they are worth doing: catch what `warm` raises."
    if isinstance(got, Exception):
        raise Failed(f"{case}: the error", Line(type(got).__name__), Line("no error"), hint)
    expect(f"{case}: the results", _shown(got), dict.fromkeys(NAMES, "Done."), hint)
    expect(f"{case}: who began when", began, {"warm": 0.0, **dict.fromkeys(NAMES, 3.0)}, hint)

    case = "ben fails with a KeyError"
    got, _, _, _, late = _warmed(warm_up, {"ben": KeyError("ben"), "ada": 60.0})
    hint = "Only what `warm` raises is caught; an error of a job is raised."
    raised = isinstance(got, BaseException) and "KeyError" in _names(got)
    expect(f"{case}: the error", Line("KeyError" if raised else _names(got)), Line("KeyError"),
           hint)  # fmt: skip
    hint = "When one raises, gather leaves the others at work. A TaskGroup, and fan_out, do not."
    expect(f"{case}: still at work afterwards, and paid for", late, [], hint)

    got, _, _, seconds, _ = _warmed(warm_up, {}, names=[])
    expect("no jobs: the results and seconds", (got, seconds), ({}, 3.0), "An empty dictionary.")
    return "5 runs: everybody reads what the warm-up wrote, and a cold cache stops nobody"


def close(*coroutines):
    for one in coroutines:
        one.close()


def _warmed(warm_up, does, names=NAMES):
    """What came back or was raised, the dollars, who began when, the seconds, who ended late.

    `does` says of some how many seconds they take, or what they raise.
    """
    began, late, over = {}, [], []

    def model(body):
        name = body["system"][1]["text"]
        began[name] = asyncio.get_running_loop().time() - zero[0]
        seconds = does.get(name, 3.0 if name == "warm" else 4.0)
        return {"content": [TEXT], "seconds": seconds if isinstance(seconds, float) else 1.0}

    async def job(name):
        result = await agent.reply("?", system=[DOCUMENT, {"type": "text", "text": name}])
        if isinstance(does.get(name), Exception):
            await asyncio.sleep(2.0)
            raise does[name]
        if over:
            late.append(name)
        return result.content[-1].text

    async def main():
        zero.append(asyncio.get_running_loop().time())
        warm, jobs = job("warm"), {name: job(name) for name in names}
        try:
            got = await call_async(warm_up, warm, jobs)
        except (KeyError, CacheDown, ExceptionGroup) as error:
            got = error
        except Failed:
            close(warm, *jobs.values())
            raise
        seconds = round(asyncio.get_running_loop().time() - zero[0], 6)
        over.append(True)
        await asyncio.sleep(100)
        close(warm, *jobs.values())
        return got, seconds

    zero = []
    client = fake_client(with_prompt_cache(model, begins=2.5))
    agent = Agent("reader", SONNET, "", client=client)
    with trace() as t:
        got, seconds = run(main(), clock="virtual")
    return got, cost_usd(t), began, seconds, late


def _shown(got):
    if isinstance(got, BaseException):
        return Line(_names(got))
    return {name: got[name] for name in sorted(got)} if isinstance(got, dict) else got


def _names(got):
    if isinstance(got, BaseExceptionGroup):
        return ", ".join(type(error).__name__ for error in got.exceptions)
    return type(got).__name__ if isinstance(got, BaseException) else f"returned {got!r}"


def check_make_cap(make_cap):
    """Who is let out, who is refused, what is paid, and what is given back, in whole dollars."""
    case = "a cap of 100, a hundred jobs at once that may cost 40 and cost 10"
    spend = _spend_of(make_cap, 100)
    came, began, seconds = _at_once(spend, [(40, 10)] * 100)
    if 2 < began < 100:
        hint = "Those that fit run at the same time, and the others are refused at once: nobody "
        hint += "waits for a job, or for room."
        expect(f"{case}: seconds", seconds, 2.0, hint)
    hint = "Set the most aside before the job begins, with no `await` between looking and setting."
    expect(f"{case}: jobs that began", began, 2, hint)
    refused = sum(isinstance(one, BudgetReached) for one in came)
    hint = 'What doesn\'t fit has cost nothing and done nothing: raise BudgetReached("…") says so.'
    expect(f"{case}: refused with BudgetReached", refused, 98, hint)
    expect(f"{case}: what the first gave", came[0], 10, "Return what the job gave.")
    expect(f"{case}: seconds", seconds, 2.0, "The others are refused at once.")

    first, second = _spend_of(make_cap, 100), _spend_of(make_cap, 100)
    _at_once(first, [(60, 60)])
    _, others, _ = _at_once(second, [(60, 60)])
    hint = "Each call of make_cap begins with nothing paid: keep the sums inside of it."
    expect("another cap, when 60 of one are paid: jobs that began", others, 1, hint)

    case = "then a hundred more"
    came, began, _ = _at_once(spend, [(40, 10)] * 100)
    hint = "What just fits, fits: 80 are left, for two of 40." if began == 1 else MORE
    expect(f"{case}: jobs that began", began, 2, hint)
    _, began, _ = _at_once(spend, [(40, 10)] * 100)
    hint = "What was paid stays paid: of 100, 60 are left, and one of 40 fits."
    expect("then, with 40 paid, a hundred more: jobs that began", began, 1, hint)
    came, began, _ = _at_once(spend, [(50, 50), (1, 1)])
    case = "then, with 50 paid, one that may cost 50 and one that may cost 1"
    expect(f"{case}: jobs that began", began, 1, "What just fits, fits; then nothing is left.")
    expect(f"{case}: what the first gave", came[0], 50, "Return what the job gave.")

    for case, most in [("a job that fails", "fails"), ("a job that is cancelled", "cancelled")]:
        spend = _spend_of(make_cap, 100)
        came, _, _ = _at_once(spend, [(100, most)])
        hint = "Its error is yours to hand on, not to turn into a value."
        named = "KeyError" if most == "fails" else "TimeoutError"
        expect(f"{case}: the error", Line(_names(came[0])), Line(named), hint)
        came, began, _ = _at_once(spend, [(100, 10)])
        hint = "It has cost nothing: give everything back, in a `finally`."
        expect(f"{case}, then one that needs the whole cap: began", began, 1, hint)
    return "a hundred at once, failures and cancellations: never over, and nothing is lost"


def _spend_of(make_cap, usd):
    spend = call_plain(make_cap, usd)
    if not callable(spend):
        hint = "Define `async def spend(most, job)` inside, and return it."
        raise Failed("what make_cap gives", spend, Line("a function"), hint)
    return spend


def _at_once(spend, jobs):
    """What came of each, how many began, and the seconds; a job takes 2."""
    began = []

    def job_that(costs):
        async def work():
            began.append(costs)
            await asyncio.sleep(2.0)
            if costs == "fails":
                raise KeyError("a bug")
            return costs

        return work

    async def limited(most, costs):
        async with asyncio.timeout(1.0 if costs == "cancelled" else None):
            return await call_async(spend, most, job_that(costs))

    async def main():
        zero = asyncio.get_running_loop().time()
        jobs_at_once = [limited(most, costs) for most, costs in jobs]
        came = await asyncio.gather(*jobs_at_once, return_exceptions=True)
        return came, asyncio.get_running_loop().time() - zero

    came, seconds = run(main(), clock="virtual")
    known = (BudgetReached, KeyError, TimeoutError)
    for one in came:
        if isinstance(one, BaseException) and not isinstance(one, known):
            raise one
    return came, len(began), round(seconds, 6)
