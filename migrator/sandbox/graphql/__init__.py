"""The GraphQL half: our own schema text of the implemented fields, and the resolvers that answer
them."""
