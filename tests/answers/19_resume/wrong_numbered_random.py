# wrong: a random number, which no later life finds again
import uuid


def numbered(once):
    seen = set()

    async def inner(key, make):
        name = key if key not in seen else f"{key} ({uuid.uuid4()})"
        seen.add(key)
        return await once(name, make)

    return inner
