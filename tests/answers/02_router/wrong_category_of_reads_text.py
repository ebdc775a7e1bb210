# wrong: reads the text itself, without a schema
import json


async def category_of(request, router, output_type):
    try:
        return json.loads(await router.run(request))["category"]
    except json.JSONDecodeError:
        return json.loads(await router.run(request))["category"]
