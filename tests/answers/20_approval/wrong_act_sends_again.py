# wrong: a mail that failed is sent a second time
async def act(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    if decision.kind not in ("approved", "edited"):
        raise ValueError(decision.kind)
    text = proposal.text if decision.kind == "approved" else decision.text
    if not text.strip():
        raise ValueError("empty")
    try:
        await send(text)
    except Exception:
        await send(text)
    return text
