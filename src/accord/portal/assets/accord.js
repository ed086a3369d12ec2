// Everything the pages do on their own: local times, keys, dialogs, copying. Pages work without it.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const formats = {
    time: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }),
    short: new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }),
  };

  // Times come in UTC and are shown in local time; UTC stays on hover.
  function localTimes(root) {
    for (const time of $$("time[datetime]:not([data-local])", root)) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      time.title = moment.toISOString().replace("T", " ").replace(/\.\d+Z|Z/, " UTC");
      time.textContent = formats[time.dataset.format || "time"].format(moment);
      time.dataset.local = "";
    }
  }

  function rows() { return $$("tr[data-href], tr[data-open]").filter((row) => row.offsetParent); }

  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = all[Math.min(all.length - 1, Math.max(0, now < 0 ? 0 : now + step))];
    all.forEach((row) => row.removeAttribute("aria-selected"));
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
  }

  function openSelected() {
    const link = $("tr[aria-selected='true'] a");
    if (link) link.click();
  }

  const keys = {
    "/": () => $("[data-search]")?.focus(),
    "?": () => $("#keys")?.showModal(),
    j: () => walk(1), k: () => walk(-1), Enter: openSelected,
  };
  const goes = { h: "/", p: "/plans", r: "/runs", i: "/identities", s: "/systems", u: "/rules", j: "/jobs", g: "/governance", d: "/datasync", a: "/administration" };
  let isGoing = false;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      $("#jump")?.focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, button, a, dialog[open]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (isGoing && goes[event.key]) { isGoing = false; window.location.assign(goes[event.key]); return; }
    isGoing = event.key === "g";
    const action = keys[event.key];
    if (action && !isGoing) { event.preventDefault(); action(); }
  });

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-why]");
    if (asked) { const told = document.getElementById(asked.dataset.why); if (told) told.open = true; }
    const opener = event.target.closest("[data-dialog]");
    if (opener) { $(`#${CSS.escape(opener.dataset.dialog)}`)?.showModal(); return; }
    if (event.target.closest("[data-close]")) { event.target.closest("dialog")?.close(); return; }
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      navigator.clipboard?.writeText($(`#${CSS.escape(copier.dataset.copy)}`).textContent).then(() => { copier.textContent = "Copied"; });
    }
  });

  // A dangerous button wakes when what it asks for has been typed.
  document.addEventListener("input", (event) => {
    const wanted = event.target.dataset?.confirm;
    if (wanted === undefined) return;
    const button = $("button.danger, button.main", event.target.form);
    if (button) button.disabled = event.target.value.trim() !== wanted;
  });

  document.addEventListener("DOMContentLoaded", () => localTimes(document));
  document.addEventListener("htmx:after:swap", () => localTimes(document));
  document.addEventListener("htmx:after:settle", () => localTimes(document));
  document.addEventListener("accord:reload", () => window.location.reload());
})();
