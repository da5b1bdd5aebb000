def survive(database, folder, count):
    return {}
