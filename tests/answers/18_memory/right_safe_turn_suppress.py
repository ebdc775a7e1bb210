# right: contextlib.suppress for the first two
import contextlib

from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    for quiet in ([SessionChanged], [SessionChanged], []):
        with contextlib.suppress(*quiet):
            turns = store.load(session)
            answer = await ask(turns, question)
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
