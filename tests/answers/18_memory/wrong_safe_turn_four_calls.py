# wrong: four calls
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    for left in (3, 2, 1, 0):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            if not left:
                raise
