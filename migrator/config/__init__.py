"""The migration file and the settings: the only place that reads TOML and the environment."""
