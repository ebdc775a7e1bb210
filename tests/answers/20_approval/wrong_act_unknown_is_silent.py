# wrong: an unknown kind is passed over in silence
async def act(decision, proposal, send):
    if decision is None:
        return None
    if decision.kind == "approved":
        await send(proposal.text)
        return proposal.text
    if decision.kind == "edited":
        if not decision.text.strip():
            raise ValueError("empty")
        await send(decision.text)
        return decision.text
    return None
