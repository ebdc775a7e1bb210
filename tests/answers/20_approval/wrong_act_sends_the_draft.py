# wrong: an edit approves the draft
async def act(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    if decision.kind not in ("approved", "edited") or (
        decision.kind == "edited" and not decision.text.strip()
    ):
        raise ValueError("no")
    await send(proposal.text)
    return proposal.text
