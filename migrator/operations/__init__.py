"""One file per verb that a person can ask for: the one door for the web and the command line."""
