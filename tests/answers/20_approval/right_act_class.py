# right: an object with __call__
class Act:
    async def __call__(self, decision, proposal, send):
        if decision is None or decision.kind == "refused":
            return None
        if decision.kind == "approved":
            text = proposal.text
        elif decision.kind == "edited":
            text = decision.text
        else:
            raise ValueError(decision.kind)
        if not text.split():
            raise ValueError("nothing to send")
        await send(text)
        return text


act = Act()
