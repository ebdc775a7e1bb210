# right: match
async def act(decision, proposal, send):
    match decision.kind if decision else "refused":
        case "approved":
            text = proposal.text
        case "edited" if decision.text.strip():
            text = decision.text
        case "refused":
            return None
        case other:
            raise ValueError(f"{other!r}: nothing that can be sent")
    await send(text)
    return text
