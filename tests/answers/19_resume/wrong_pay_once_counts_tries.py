# wrong: the number of the try is in the key
async def pay_once(kept, service, bill):
    if bill in kept:
        return kept[bill]
    tries = kept.get(("tries", bill), 0) + 1
    kept["tries", bill] = tries
    kept[bill] = await service.pay(bill, f"{bill} {tries}")
    return kept[bill]
