# right: asks forgiveness
async def pay_once(kept, service, bill):
    try:
        return kept["receipts", bill]
    except KeyError:
        kept["receipts", bill] = await service.pay(bill, f"bill {bill}")
        return kept["receipts", bill]
