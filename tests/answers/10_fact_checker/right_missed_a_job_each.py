# right: one job for each pair, which gives the pair or None
import asyncio

from mas_helpers.agents import fact_check, normalize


async def missed(checker, planted, research):
    async def one(text, words):
        draft = await fact_check(text, research, checker)
        for objection in draft.objections.get(checker.name, []):
            said, wrong = normalize(objection.words), normalize(words)
            if said in wrong or wrong in said:
                return None
        return text, words

    answers = await asyncio.gather(*(one(*pair) for pair in planted))
    return [answer for answer in answers if answer is not None]
