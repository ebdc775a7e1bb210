# right: a future that the first answer sets
import asyncio


async def hedged(ask, after):
    loop = asyncio.get_running_loop()
    answer, errors, calls = loop.create_future(), [], []

    def begin():
        if len(calls) < 2 and not answer.done():
            calls.append(asyncio.ensure_future(ask()))
            calls[-1].add_done_callback(ended)

    def ended(call):
        if call.cancelled() or answer.done():
            return
        if call.exception() is None:
            answer.set_result(call.result())
            return
        errors.append(call.exception())
        if len(errors) == 2:
            answer.set_exception(errors[0])
        begin()

    begin()
    timer = loop.call_later(after, begin)
    try:
        return await answer
    finally:
        timer.cancel()
        for call in calls:
            call.cancel()
