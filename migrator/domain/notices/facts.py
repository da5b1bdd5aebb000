"""What notices need to know about a target repository, as read from GitHub before a plan is
made."""

from __future__ import annotations

from migrator.domain.items import Frozen


class FormField(Frozen, frozen=True, kw_only=True):
    """One element of a YAML issue form. ``type`` is GitHub's word: ``textarea``, ``input``,
    ``dropdown`` ...

    https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
    """

    id: str
    type: str = "textarea"
    required: bool = False


class IssueTemplate(Frozen, frozen=True, kw_only=True):
    """One file below ``.github/ISSUE_TEMPLATE``. ``fields`` is empty for Markdown templates."""

    filename: str
    name: str = ""
    fields: tuple[FormField, ...] = ()

    @property
    def is_form(self) -> bool:
        """Whether this is a YAML issue form, which ignores ``body=`` and takes a parameter for
        each field id."""
        return self.filename.endswith((".yml", ".yaml"))

    @property
    def text_field(self) -> str:
        """Id of the field that takes long text: the first required text area, else the first
        one; empty if there is none."""
        areas = [field for field in self.fields if field.type == "textarea" and field.id]
        wanted = [field for field in areas if field.required] or areas
        return wanted[0].id if wanted else ""


class TargetFacts(Frozen, frozen=True, kw_only=True):
    """How a target repository takes new issues. The defaults are those of a repository without
    templates."""

    blank_issues: bool = True
    templates: tuple[IssueTemplate, ...] = ()
    has_issues: bool = True
    archived: bool = False

    def template(self, filename: str) -> IssueTemplate | None:
        """The template of that file name, ``None`` if the repository has none."""
        return next((one for one in self.templates if one.filename == filename), None)
