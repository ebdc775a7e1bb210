# wrong: appends whatever came between
from mas_helpers.agents import SessionChanged, Turn


async def safe_turn(store, session, question, ask):
    turns = store.load(session)
    answer = await ask(turns, question)
    store.append(session, Turn(question, answer))
    return answer
