// Octokit, unchanged: the acts of a migration against the address and token in the environment. Prints what it saw.
import { Octokit } from "@octokit/rest";
import { createAppAuth } from "@octokit/auth-app";

const { SANDBOX_URL: baseUrl, APP_ID: appId, PRIVATE_KEY: privateKey, INSTALLATION: installationId } = process.env;
const octokit = new Octokit({ baseUrl, auth: "sandbox-root" });
const where = { owner: "acme", repo: "mono" };
const one = { ...where, issue_number: 1 };

const issues = await octokit.paginate(octokit.rest.issues.listForRepo, { ...where, state: "all", per_page: 2 });
const comment = await octokit.rest.issues.createComment({ ...one, body: "From Octokit" });
await octokit.rest.issues.addLabels({ ...one, labels: ["moved"] });
const closed = await octokit.rest.issues.update({ ...one, state: "closed", state_reason: "not_planned" });
await octokit.rest.issues.lock({ ...one, lock_reason: "resolved" });
const comments = await octokit.paginate(octokit.rest.issues.listComments, { ...one, per_page: 1 });
const timeline = await octokit.paginate(octokit.rest.issues.listEventsForTimeline, { ...one, per_page: 3 });
const { viewer } = await octokit.graphql("{ viewer { login } }");

const app = new Octokit({ baseUrl, authStrategy: createAppAuth, auth: { appId, privateKey, installationId } });
const reached = await app.paginate(app.rest.apps.listReposAccessibleToInstallation, { per_page: 1 });
const byApp = await app.rest.issues.createComment({ ...where, issue_number: 2, body: "From the App" });

console.log(
  JSON.stringify({
    issues: issues.map((issue) => issue.number),
    comment: comment.data.user.login,
    state: [closed.data.state, closed.data.state_reason],
    comments: comments.length,
    timeline: timeline.map((event) => event.event),
    viewer: viewer.login,
    reached: reached.map((repository) => repository.full_name),
    byApp: byApp.data.user.login,
  }),
);
