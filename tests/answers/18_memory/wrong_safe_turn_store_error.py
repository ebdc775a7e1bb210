# wrong: catches every StoreError
from mas_helpers.agents import StoreError, Turn


async def safe_turn(store, session, question, ask):
    for left in (2, 1, 0):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except StoreError:
            if not left:
                raise
