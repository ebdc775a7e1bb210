# right: while with a counter
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    tries = 0
    while True:
        tries += 1
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
        except SessionChanged:
            if tries < 3:
                continue
            raise
        return answer
