# right: a random key, kept before it is sent
import uuid


async def pay_once(kept, service, bill):
    key = kept.setdefault(f"key of {bill}", str(uuid.uuid4()))
    if f"receipt of {bill}" not in kept:
        kept[f"receipt of {bill}"] = await service.pay(bill, key)
    return kept[f"receipt of {bill}"]
