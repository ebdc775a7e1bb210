# right: an object with __call__
from mas_helpers.agents import SessionChanged, Turn


class Safe:
    async def __call__(self, store, session, question, ask):
        for left in (2, 1, 0):
            known = store.load(session)
            reply = await ask(known, question)
            try:
                store.append(session, Turn(question, reply), after=len(known))
                return reply
            except SessionChanged:
                if left == 0:
                    raise


safe_turn = Safe()
