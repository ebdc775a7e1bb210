# right: looks the agent up with get, as the lesson does
def landed(pairs, specialists):
    places = []
    for label, said in pairs:
        agent = specialists.get(said)
        places.append("right" if label == said else "wrong specialist" if agent else "desk")
    return {place: places.count(place) for place in ("right", "desk", "wrong specialist")}
