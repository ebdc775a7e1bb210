# wrong: a folder that isn't there
my_system = "../my_other_system"
