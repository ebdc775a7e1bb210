# right: remembers what it tried; a tuple comes back
def shrunk(faults, breaks):
    tried = {}

    def broken(places):
        if places not in tried:
            tried[places] = breaks([faults[n] for n in places])
        return tried[places]

    places, n = tuple(range(len(faults))), 0
    while n < len(places):
        fewer = places[:n] + places[n + 1 :]
        places, n = (fewer, 0) if broken(fewer) else (places, n + 1)
    return tuple(faults[n] for n in places)
