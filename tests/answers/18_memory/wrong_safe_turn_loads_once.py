# wrong: loads before the loop
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    turns = store.load(session)
    for left in (2, 1, 0):
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            if not left:
                raise
