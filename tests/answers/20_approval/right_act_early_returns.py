# right: one branch after the other
async def act(decision, proposal, send):
    if decision is None:
        return None
    if decision.kind == "refused":
        return None
    if decision.kind == "approved":
        await send(proposal.text)
        return proposal.text
    if decision.kind == "edited" and not decision.text.isspace() and decision.text:
        await send(decision.text)
        return decision.text
    raise ValueError("not a decision that can be acted on")
