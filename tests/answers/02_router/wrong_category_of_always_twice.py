# wrong: asks twice in any case
async def category_of(request, router, output_type):
    await router.parse(request, output_type)
    return (await router.parse(request, output_type)).category
