# wrong: appends the old answer to the new history
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    turns = store.load(session)
    answer = await ask(turns, question)
    while True:
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            turns = store.load(session)
