"""The only place that builds concrete objects from settings; entry points call it and hand the result down."""
