# right: a hash of the bill is the key
import hashlib


async def pay_once(kept, service, bill):
    place = "paid " + bill
    if place in kept:
        return kept[place]
    receipt = await service.pay(bill, hashlib.sha256(bill.encode()).hexdigest())
    kept[place] = receipt
    return receipt
