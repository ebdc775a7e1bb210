# wrong: returns the answer that was never stored
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    for _ in range(3):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            break
        except SessionChanged:
            pass
    return answer
