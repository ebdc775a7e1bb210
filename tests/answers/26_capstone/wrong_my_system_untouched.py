# wrong: the template, with nothing written
my_system = "../examples/my_system"
