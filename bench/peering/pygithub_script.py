"""Closes the quiet issues of one label with a comment, as such scripts are usually written.

Takes its input from ``GITHUB_TOKEN``, ``GITHUB_API_URL``, ``GITHUB_REPOSITORY`` and ``LABEL``. PyGithub's
own pauses (1 s between writes) are switched off, as the pace of the others is.
"""

import os
from datetime import UTC, datetime, timedelta

from github import Auth, Github

MESSAGE = """\
Keras has moved to its own repository. This issue has been quiet for a long time, so it is closed here.
If you still need it, please open it again at https://github.com/keras-team/keras/issues.
"""
QUIET = timedelta(days=180)
MIGRATED = "migrated"


def main() -> None:
    """Comment, label, close: one issue after the other."""
    github = Github(
        auth=Auth.Token(os.environ["GITHUB_TOKEN"]),
        base_url=os.environ["GITHUB_API_URL"],
        per_page=100,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
    repository = github.get_repo(os.environ["GITHUB_REPOSITORY"])
    quiet_since = datetime.now(UTC) - QUIET
    for issue in repository.get_issues(state="open", labels=[os.environ["LABEL"]]):
        if issue.pull_request is not None or issue.updated_at > quiet_since:
            continue
        issue.create_comment(MESSAGE)
        issue.add_to_labels(MIGRATED)
        issue.edit(state="closed", state_reason="not_planned")
        print(f"closed #{issue.number}")


if __name__ == "__main__":
    main()
