# wrong: a level that there isn't
my_system = "../examples/my_system", 4
