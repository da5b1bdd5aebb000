"""Reading issue texts as what they are: template, prose, code, logs and quotes."""
