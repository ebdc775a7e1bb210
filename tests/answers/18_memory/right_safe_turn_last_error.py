# right: keeps the error and raises it after the loop
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    last = None
    for _ in range(3):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question=question, answer=answer), after=len(turns))
        except SessionChanged as error:
            last = error
        else:
            return answer
    raise last
