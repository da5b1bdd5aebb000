"""What a document looks like on the wire."""

from __future__ import annotations

from migrator.github.http_messages import GraphQLDocument, mutation, query

FRAGMENT = """
    fragment Who on Actor {
      login
    }
"""


def test_a_query_is_its_parts_without_indentation() -> None:
    """Each fragment once, however many parts need it; no empty lines."""
    found = query(
        "Item",
        "$id: ID!",
        "node(id: $id) {\n    ...Who\n  }",
        FRAGMENT,
        FRAGMENT,
        sizes={"first": 5},
    )
    text = "query Item($id: ID!) { node(id: $id) {\n...Who\n} }\nfragment Who on Actor {\nlogin\n}"
    assert found == GraphQLDocument(name="Item", text=text, writes=False, sizes={"first": 5})


def test_a_document_without_variables_has_no_parentheses() -> None:
    """GraphQL does not allow empty ones."""
    assert query("Viewer", "", "viewer { login }") == GraphQLDocument(
        name="Viewer", text="query Viewer { viewer { login } }"
    )


def test_a_mutation_writes() -> None:
    """So that it is never repeated blindly."""
    found = mutation(
        "Add",
        "$id: ID!",
        "add(id: $id) { id }",
        "fragment A on B { c }",
        "fragment D on E { f }",
        sizes={"n": 1},
    )
    text = (
        "mutation Add($id: ID!) { add(id: $id) { id } }\nfragment A on B { c }\nfragment D on E "
        "{ f }"
    )
    assert found == GraphQLDocument(name="Add", text=text, writes=True, sizes={"n": 1})
    assert mutation("Add", "", "add { id }").sizes == {}
