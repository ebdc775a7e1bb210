# wrong: question and answer swapped
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    for left in (2, 1, 0):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(answer, question), after=len(turns))
            return answer
        except SessionChanged:
            if not left:
                raise
