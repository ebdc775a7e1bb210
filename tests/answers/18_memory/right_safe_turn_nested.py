# right: a nested function for one try
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    async def once():
        turns = store.load(session)
        answer = await ask(turns, question)
        store.append(session, Turn(question, answer), after=len(turns))
        return answer

    for _ in range(2):
        try:
            return await once()
        except SessionChanged:
            pass
    return await once()
