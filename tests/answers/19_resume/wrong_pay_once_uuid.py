# wrong: a new key in each life
import uuid


async def pay_once(kept, service, bill):
    if bill not in kept:
        kept[bill] = await service.pay(bill, str(uuid.uuid4()))
    return kept[bill]
