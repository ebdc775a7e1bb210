# wrong: the level alone
my_system = 1
