# wrong: the call is never awaited
async def pay_once(kept, service, bill):
    if bill not in kept:
        kept[bill] = service.pay(bill, bill)
    return kept[bill]
