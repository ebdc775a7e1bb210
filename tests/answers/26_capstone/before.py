from alder_street import DeskError
