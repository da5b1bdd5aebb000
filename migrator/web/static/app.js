// Everything works without this file. It saves reloading by hand, and lets reviewers keep their hands on the keyboard.
"use strict";

// Live pages: the server says that something changed, the page fetches itself and takes over the new content.
function live(main) {
  if (!window.EventSource) return;
  let busy = false, again = false;
  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const reply = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
      if (reply.ok) { connected(true); take(new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("main"), main); }
    } catch { connected(false); }
    busy = false;
    if (again) { again = false; refresh(); }
  }
  const events = new EventSource("/live");
  let gone = 0; // the server ends a stream now and then: the next one opens within two seconds
  events.addEventListener("changed", refresh);
  events.addEventListener("open", () => { clearTimeout(gone); gone = 0; if (!connected(true)) refresh(); });
  events.addEventListener("error", () => { gone ||= setTimeout(() => connected(false), 5000); });
  addEventListener("pagehide", () => events.close());
}

// A page that cannot hear the server says so, and since when; returns whether it could before.
function connected(now) {
  const lost = document.getElementById("lost"), before = lost.hidden;
  if (before && !now) lost.querySelector("time").textContent = `at ${new Date().toLocaleTimeString()}`;
  lost.hidden = now;
  return before;
}

// Times as the reader's clock shows them, on hover.
function local(root) {
  const look = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  for (const time of root.querySelectorAll("time[datetime]")) time.title = new Date(time.dateTime).toLocaleString(undefined, look);
}

// `/` leads to the search, from everywhere, as on GitHub; never while somebody types.
function searching(field) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing() || localStorage.getItem("letters") === "off") return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

function typing() {
  return /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "") && document.activeElement.type !== "radio" && document.activeElement.type !== "checkbox";
}

// What the person is at work in (an open list, a field with focus) is left as it is.
function take(fresh, main) {
  if (!fresh || main.querySelector("dialog[open]")) return;
  const at = document.activeElement;
  if (main.contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) return;
  const path = main.contains(at) && at !== main ? [...main.querySelectorAll(at.tagName)].indexOf(at) : -1;
  main.replaceChildren(...fresh.childNodes);
  local(main);
  if (path >= 0) main.querySelectorAll(at.tagName)[path]?.focus({ preventScroll: true });
}

// One key, one answer; never while somebody types, never twice for the same item, and not at all for those who switched it off.
function reviewing(main) {
  let sent = false;
  const letters = document.getElementById("letters"), box = letters?.querySelector("input");
  const off = () => localStorage.getItem("letters") === "off";
  if (letters) {
    letters.hidden = false;
    box.checked = !off();
    box.addEventListener("change", () => { localStorage.setItem("letters", box.checked ? "on" : "off"); box.blur(); });
  }
  const shown = document.getElementById("answer")?.dataset.item;
  if (shown && !new URLSearchParams(location.search).has("item")) history.replaceState(null, "", shown);
  main.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || sent || off()) return;
    if (typing()) {
      if (event.key === "Escape") document.activeElement.blur();
      return;
    }
    const chosen = main.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (chosen) { event.preventDefault(); chosen.click(); }
  });
}

// Dials answer while they are turned; on a telephone the answer stands beside the one that moved, too.
function turning(form) {
  let wait = 0, asked = 0, moved = null, open = new AbortController();
  const result = document.getElementById("result");
  form.addEventListener("input", (event) => {
    const dial = event.target;
    const shown = form.querySelector(`output[for="${CSS.escape(dial.id)}"]`);
    shown?.replaceChildren(Object.assign(document.createElement("b"), { textContent: dial.value }), ` ${dial.dataset.unit}`);
    moved = dial.closest(".dial");
    moved.classList.toggle("turned", dial.value !== dial.dataset.file);
    clearTimeout(wait);
    wait = setTimeout(ask, 120);
  });
  async function ask() {
    const mine = ++asked, address = `/what-if?${new URLSearchParams(new FormData(form))}`;
    open.abort();  // nobody waits for the last one any more, and its refusal would be an error in the console
    open = new AbortController();
    result.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(address, { redirect: "error", signal: open.signal });
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("result");
      if (mine !== asked || !fresh) return;
      const tour = document.getElementById("tour"), told = fresh.ownerDocument.getElementById("tour");
      if (tour && told) tour.replaceWith(told);
      const beside = fresh.ownerDocument.querySelector(".beside");
      result.replaceChildren(...fresh.childNodes);
      form.querySelectorAll(".beside").forEach((each) => each.remove());
      if (beside) moved?.append(beside);
      history.replaceState(null, "", address);
    } catch { /* the button still works */ } finally { if (mine === asked) result.removeAttribute("aria-busy"); }
  }
}

// What was typed is not lost if the session ends before a form is sent. The form is kept in this tab; if the answer is the
// sign-in page, it is filled in again on the page that comes after it, if that shows the same form for the same thing.
function keeping(forms) {
  const sent = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  if (sent && location.pathname === "/login") sessionStorage.setItem("unsent", sent);
  const named = (form, hidden) => [...form.elements].filter((field) => field.name && field.name !== "token" && field.type !== "submit" && (field.type === "hidden") === hidden);
  const values = (fields) => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const thing = (form) => form.getAttribute("action") + JSON.stringify(values(named(form, true).filter((field) => field.name !== "seen")));
  const unsent = JSON.parse(sessionStorage.getItem("unsent") ?? "null");
  for (const form of forms) {
    if (unsent && unsent.thing === thing(form)) {
      sessionStorage.removeItem("unsent");
      for (const field of named(form, false)) if (field.name in unsent.typed) field.value = unsent.typed[field.name];
    }
    form.addEventListener("submit", () => sessionStorage.setItem("sent", JSON.stringify({ thing: thing(form), typed: values(named(form, false)) })));
  }
}

// What cannot be undone is asked once more, in a dialog; without this file, on a page of its own.
function asking(main) {
  main.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-dialog], dialog a[data-close]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.dialog) document.getElementById(link.dataset.dialog).showModal();
    else link.closest("dialog").close();
  });
}

const main = document.getElementById("main");
asking(main);
local(document);
const find = document.getElementById("find");
if (find) searching(find);
if (matchMedia("(max-width: 700px)").matches && !location.search) document.querySelector(".filtering")?.removeAttribute("open");
keeping(main.querySelectorAll("form[method=post]"));
if (main.hasAttribute("data-live")) live(main);
if (main.querySelector("[data-key]")) reviewing(main);
const dials = document.getElementById("dials");
if (dials) turning(dials);
