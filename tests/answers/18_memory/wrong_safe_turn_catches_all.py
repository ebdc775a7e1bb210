# wrong: catches every error
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    for left in (2, 1, 0):
        try:
            turns = store.load(session)
            answer = await ask(turns, question)
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except Exception:
            if not left:
                raise
