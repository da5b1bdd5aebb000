"""What is done for each trigger: arrivals, commands, human activity, landings."""
