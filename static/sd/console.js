// The queue by keyboard, and the composer's two modes. Everything works without it; it only saves steps.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ── The sidebar: sections stay as the person left them ────────────────────────────────────────────────────────────
  const OPEN = "sd-sections";
  const sections = all("details.sd-side");
  const kept = () => { try { return JSON.parse(localStorage.getItem(OPEN)) || {}; } catch { return {}; } };
  const before = kept();
  sections.forEach((section) => {
    const name = section.dataset.section;
    if (!("here" in section.dataset) && name in before) section.open = before[name];
    section.addEventListener("toggle", () => {
      try { localStorage.setItem(OPEN, JSON.stringify({ ...kept(), [name]: section.open })); } catch { /* private window: as it is */ }
    });
  });

  // ── The queue: J and K move, Enter opens, X chooses ───────────────────────────────────────────────────────────────
  const queue = document.querySelector("[data-queue]");
  if (queue) {
    const rows = all("tbody tr", queue);
    let at = -1;
    const link = (row) => row.querySelector("a.sd-title");
    const box = (row) => row.querySelector('input[name="ticket"]');
    function move(to) {
      if (!rows.length) return;
      if (at >= 0) delete rows[at].dataset.cursor;
      at = Math.min(Math.max(to, 0), rows.length - 1);
      rows[at].dataset.cursor = "";
      rows[at].scrollIntoView({ block: "nearest" });
      link(rows[at]).focus({ preventScroll: true });
    }
    function tell() {
      const chosen = all('input[name="ticket"]:checked', queue).length;
      all("[data-chosen]", queue).forEach((place) => { place.textContent = chosen === 1 ? "1 elegido" : `${chosen} elegidos`; });
      const every = queue.querySelector("[data-all]");
      if (every) { every.checked = chosen === rows.length; every.indeterminate = chosen > 0 && chosen < rows.length; }
    }
    queue.addEventListener("change", (event) => {
      if (event.target.matches("[data-all]")) all('input[name="ticket"]', queue).forEach((input) => { input.checked = event.target.checked; });
      tell();
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable], [popover]')) return;
      const key = event.key.toLowerCase();
      if (key === "j") move(at + 1);
      else if (key === "k") move(at < 0 ? 0 : at - 1);
      else if (key === "x" && at >= 0 && box(rows[at])) { box(rows[at]).checked = !box(rows[at]).checked; tell(); }
      else if (key === "enter" && at >= 0 && !event.target.closest("a, button, summary")) link(rows[at]).click();
      else return;
      if (key !== "enter") event.preventDefault();
    });
    tell();
  }

  // ── The composer: a note looks like a note before it is written ───────────────────────────────────────────────────
  all("[data-modes]").forEach((modes) => {
    const form = modes.closest("form"), button = form.querySelector("footer button[type=submit]");
    function show() {
      const note = form.elements.mode.value === "note";
      form.dataset.mode = note ? "note" : "public";
      button.textContent = note ? "Guardar la nota interna" : modes.dataset.publicLabel || "Enviar la respuesta";
      all("[data-public-only]", form).forEach((part) => {
        part.hidden = note;
        if (part.matches("details") && all("input, textarea", part).some((field) => field.value)) part.open = true;
      });
    }
    modes.addEventListener("change", show);
    form.addEventListener("change", show);
    show();
  });

  // ── The promised date: its button opens the answer to the customer, on the date ───────────────────────────────────
  all("[data-promise]").forEach((link) => link.addEventListener("click", (event) => {
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const open = field.form.querySelector('input[name="mode"][value="public"]');
    if (open && !open.checked) { open.checked = true; open.dispatchEvent(new Event("change", { bubbles: true })); }
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  }));

  // ── The person: only those of the chosen group, whose name heads them in the list ─────────────────────────────────
  all('select[name="assignee"]').forEach((people) => {
    const group = people.form.elements.group, every = all("optgroup", people);
    if (!group) return;
    function narrow() {
      const name = group.selectedOptions[0]?.text, kept = people.value;
      const fitting = every.filter((part) => part.label === name);
      every.forEach((part) => part.remove());
      people.append(...(group.value ? fitting : every));
      people.value = all("option", people).some((option) => option.value === kept) ? kept : "";
    }
    group.addEventListener("change", narrow);
    people.form.addEventListener("change", (event) => { if (event.target === people.form) narrow(); });
    narrow();
  });

  // ── The ticket: J and K lead to the next and the previous one of the queue ────────────────────────────────────────
  if (!queue) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], [popover]")) return;
      const way = { j: "next", k: "prev" }[event.key.toLowerCase()];
      const link = way && document.querySelector(`a[rel="${way}"]`);
      if (link) { event.preventDefault(); link.click(); }
    });
  }

  // ── An act's form opens in view ───────────────────────────────────────────────────────────────────────────────────
  const act = document.getElementById("acto");
  if (act && location.hash === "#acto" && !document.querySelector('[aria-invalid="true"]')) {
    const open = () => {
      act.scrollIntoView({ block: "center" });
      const first = act.querySelector("textarea, select, input:not([type=hidden])");
      if (first) first.focus({ preventScroll: true });
    };
    // The browser goes to the address's fragment when the page has loaded, and takes the focus with it.
    if (document.readyState === "complete") open(); else addEventListener("load", () => requestAnimationFrame(open), { once: true });
  }
})();
