# wrong: it says paid before it is
async def pay_once(kept, service, bill):
    if bill in kept:
        return kept[bill]
    kept[bill] = "paid"
    kept[bill] = await service.pay(bill, bill)
    return kept[bill]
