"""What is true and what should happen: pure code, no clock, no environment, no logging, no input
or output."""
