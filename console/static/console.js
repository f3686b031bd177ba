// What htmx leaves to us: sheets, shortcuts, drafts, countdowns, and which part of a page a change concerns.
"use strict";

// A live update leaves alone what somebody opened or types in, and what waits for an answer: it may say where that belongs.
Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => !(node === document.activeElement && node.matches("input, textarea, select"));
Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => !(node.nodeType === Node.ELEMENT_NODE && (node.matches(".htmx-request") || $(".htmx-request", node)));
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

const $ = (query, root = document) => root.querySelector(query);
const $$ = (query, root = document) => [...root.querySelectorAll(query)];

// ── sheets: a command's form opens in a native dialog ──
document.addEventListener("htmx:afterSwap", (event) => {
  const sheet = event.detail.target;
  if (sheet.id !== "dialog") {
    restore(sheet);
    match(sheet);
    return;
  }
  if (!sheet.open) sheet.showModal();
  restore(sheet);
  match(sheet);
  ($("[aria-invalid]", sheet) || $("textarea, select, input:not([type=hidden])", sheet) || $("button.btn-primary", sheet))?.focus();
});
document.addEventListener("kept", drop);
document.addEventListener("filed", (event) => {
  const sheet = $("#dialog");
  drop(event);
  sheet.close();
  $("#attach")?.reset();
  tell(null);
  window.setTimeout(() => { $("#told").textContent = ""; }, 6000);
});
document.addEventListener("renewed", () => tell(null));
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  if (event.target.closest("[data-prints]")) window.print();
  const adder = event.target.closest("[data-adds]");
  if (adder) {
    const rows = $$(adder.dataset.adds, adder.parentElement);
    const copy = rows.at(-1).cloneNode(true);
    $$("input, select", copy).forEach((field) => { field.value = ""; });
    rows.at(-1).after(copy);
    $("select", copy).focus();
  }
  const lister = event.target.closest("[data-adds-row]");
  if (lister) addRow(lister);
  for (const menu of $$("details.who[open], details.menu[open], details.menu-group[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// ── forms: a question that waits for another's answer, and one more row of a list ──
function match(root) {
  for (const part of $$("fieldset.when", root)) {
    const form = part.closest("form");
    const is = form.elements.namedItem(part.dataset.when)?.value === part.dataset.is;
    part.hidden = !is;
    part.disabled = !is;
  }
}
function addRow(button) {
  const last = $$(":scope > .list-row", button.parentElement).at(-1);
  const old = last.dataset.row;
  const fresh = old.replace(/(\d+)\.$/, (_, at) => `${Number(at) + 1}.`);
  const template = document.createElement("template");
  const ids = [old, fresh].map((way) => way.replaceAll(".", "-"));
  template.innerHTML = last.outerHTML.replaceAll(old, fresh).replaceAll(ids[0], ids[1]);
  const row = template.content.firstElementChild;
  for (const field of $$("input, select, textarea", row)) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
    else field.value = "";
    field.classList.remove("is-invalid");
  }
  $$(".invalid-feedback", row).forEach((fault) => fault.remove());
  last.after(row);
  htmx.process(row);
  match(row);
  $("input:not([type=hidden]), select", row)?.focus();
}
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form) match(form);
});

// ── a file that somebody chooses is read into the field that it fills, and is sent as if it had been pasted ──
document.addEventListener("change", async (event) => {
  const target = event.target.dataset?.reads;
  if (target && event.target.files?.length) $(target).value = await event.target.files[0].text();
});

// ── an entry of the knowledge base becomes the answer; what somebody typed themselves stays, and it comes after that ──
document.addEventListener("click", (event) => {
  const pick = event.target.closest("[data-answers]");
  if (pick) answerFrom(pick);
});
let taken = "";
function answerFrom(pick) {
  const answer = $("#answer");
  const text = $(".knowledge-text", pick).textContent.trim();
  const typed = answer.value.trim();
  if (!typed || typed === taken) answer.value = taken = text;
  else if (!typed.includes(text)) answer.value = `${typed}\n${text}`;
  $("#knowledge_id").value = pick.dataset.answers;
  answer.closest("details").open = true;
  answer.focus();
  answer.dispatchEvent(new Event("input", { bubbles: true }));
}

// ── live: a change concerns the parts that watch its case, all cases, the inbox or the engine; `reload` concerns all ──
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  event.preventDefault();
  const { type, data } = event.detail;
  outage(false);
  if (type === "ready") return;
  tell(type === "case" ? JSON.parse(data).case_no : type === "reload" ? null : type);
});
function tell(moved) {
  for (const part of $$("[data-watch]")) {
    const watched = part.dataset.watch;
    if (moved === null || watched === moved || (watched === "*" && /^\d/.test(moved))) renew(part);
  }
}
// At once, then at most once in a while; the last change is never left out.
const waiting = new Map();
function renew(part) {
  if (waiting.has(part)) {
    waiting.set(part, true);
    return;
  }
  htmx.trigger(part, "moved");
  waiting.set(part, false);
  window.setTimeout(() => {
    const again = waiting.get(part);
    waiting.delete(part);
    if (again && part.isConnected) renew(part);
  }, part.dataset.watch === "*" ? 3000 : 700);
}
document.addEventListener("htmx:sseOpen", () => outage(false));
document.addEventListener("htmx:sseError", () => outage(true));
document.addEventListener("htmx:sendError", () => outage(true));
function outage(is) {
  const banner = $("#outage");
  if (banner) banner.hidden = !is;
}

// What a page asks by itself keeps no session awake: the desk may have been left.
document.addEventListener("htmx:configRequest", (event) => {
  if ((event.detail.triggeringEvent?.type ?? "moved") === "moved") event.detail.headers["X-Unattended"] = "1";
});

// ── an ended session takes nobody away from what they type; filing it, or a click, leads to signing in ──
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  const isAct = ["submit", "click"].includes(requestConfig.triggeringEvent?.type);
  if (xhr.status !== 401 || isAct || !document.activeElement?.closest("form[data-draft]")) return;
  event.preventDefault();
  $("#ended").hidden = false;
});

// ── drafts: what is typed survives a reload and an outage, in this browser, until it is filed ──
const KEY = "hotline-draft:";
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) keep(form);
});
function keep(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf_token", "key", "version"].includes(name) && !name.endsWith(".identity"));
  sessionStorage.setItem(KEY + form.dataset.draft, JSON.stringify(fields));
}
function drop(event) {
  const form = event.target.closest?.("form[data-draft]") || $("#dialog[open] form[data-draft]");
  if (form) forget(form.dataset.draft);
}
function forget(name) {
  sessionStorage.removeItem(KEY + name);
}
function restore(root) {
  for (const form of $$("form[data-draft]", root)) {
    const kept = JSON.parse(sessionStorage.getItem(KEY + form.dataset.draft) || "[]");
    for (const [name, value] of kept) {
      for (const field of form.elements) {
        if (field.name !== name) continue;
        if (field.type === "radio" || field.type === "checkbox") field.checked = field.checked || field.value === value;
        else if (!field.value || field.tagName === "SELECT") field.value = value;
      }
    }
  }
}
for (const sent of $$("[data-sent]")) forget(sent.dataset.sent);
restore(document);
match(document);

// ── countdowns: the words that the server wrote, kept true ──
function said(seconds) {
  const words = document.documentElement.dataset;
  const units = [[words.day, 86400], [words.hour, 3600], [words.minute, 60]];
  let rest = Math.abs(Math.trunc(seconds));
  const parts = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count || parts.length) parts.push([count, name]);
  }
  return parts.slice(0, 2).filter(([count]) => count).map(([count, name]) => count + name).join("").trim() || words.less;
}
window.setInterval(() => {
  const words = document.documentElement.dataset;
  for (const due of $$("time.due")) {
    const left = (new Date(due.dateTime) - Date.now()) / 1000;
    due.textContent = `${left < 0 ? words.late : words.left} ${said(left)}`;
    due.classList.toggle("is-late", left < 0);
    due.classList.toggle("is-near", left >= 0 && left < 7200);
  }
}, 30000);

// ── keyboard ──
// What a page offers under a key of its own: a sheet opens, a part unfolds, a digit chooses in a sheet.
document.addEventListener("keydown", (event) => {
  const pressed = (event.altKey ? "Alt+" : "") + (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const offered = $(`[data-key="${CSS.escape(pressed)}"]`);
  if (offered) {
    event.preventDefault();
    const part = offered.closest("details");
    if (part) {
      part.open = true;
      $("textarea, input", part).focus();
    } else if (offered.matches("[data-answers]")) offered.focus();
    else if (!$("dialog[open]")) offered.click();
  }
  const pick = event.target.closest?.("[data-answers]");
  const next = pick && { ArrowDown: pick.nextElementSibling, ArrowUp: pick.previousElementSibling }[event.key];
  if (next) {
    event.preventDefault();
    next.focus();
  }
  const choice = /^[1-9]$/.test(event.key) && $(`dialog[open] [data-digit="${event.key}"]`);
  if (choice) choice.click();
});
let before = "";
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("form")?.requestSubmit();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  const go = { h: "/", c: "/cases", t: "/timers" }[event.key];
  if (before === "g" && go) location.assign(go);
  else if (event.key === "/") { event.preventDefault(); $("#find, #q")?.focus(); }
  else if (event.key === "n" && $("a[href='/intake']")) location.assign("/intake");
  else if (event.key === "?") $("#keys")?.showModal();
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  before = event.key;
});
function step(by) {
  const links = $$("a.row-link");
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(here + by, 0), links.length - 1)];
  $$("tr.is-here").forEach((row) => row.classList.remove("is-here"));
  next.focus();
  next.closest("tr").classList.add("is-here");
}
