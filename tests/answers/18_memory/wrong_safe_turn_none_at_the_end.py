# wrong: returns nothing after the third
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    for _ in range(3):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            continue
