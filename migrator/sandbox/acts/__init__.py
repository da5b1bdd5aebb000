"""What can be done to the world, one family of acts a file; REST, GraphQL and the people of tests
all act through these.

Every act checks rights first, changes second and tells third, and raises
:class:`~migrator.sandbox.errors.Refused` before anything is changed. ``read`` on what an agent
wrote is the newest sequence it had seen of the item by then.
"""
