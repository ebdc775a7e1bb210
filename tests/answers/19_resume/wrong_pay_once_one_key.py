# wrong: all bills have the same key
async def pay_once(kept, service, bill):
    if bill not in kept:
        kept[bill] = await service.pay(bill, "payment")
    return kept[bill]
