# right: recursion with a default
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask, left=3):
    turns = store.load(session)
    answer = await ask(turns, question)
    try:
        store.append(session, Turn(question, answer), len(turns))
        return answer
    except SessionChanged:
        if left == 1:
            raise
    return await safe_turn(store, session, question, ask, left - 1)
