// Small comforts over pages that work without them. No library, no inline code, nothing kept but drafts and the theme.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* full or closed: nothing is lost but comfort */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* as above */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };

  // ── Theme: system, light, dark ────────────────────────────────────────────────────────────────────────────────────
  const themes = { "": "la del sistema", light: "clara", dark: "oscura" };
  function showTheme(theme) {
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    all("[data-theme-word]").forEach((word) => { word.textContent = themes[theme]; });
  }
  all("[data-theme-item], [data-print]").forEach((item) => { item.hidden = false; });
  all("[data-theme-word]").forEach((word) => { word.textContent = themes[store.get("sd-theme")] || themes[""]; });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const order = Object.keys(themes);
    const next = order[(order.indexOf(store.get("sd-theme") || "") + 1) % order.length];
    if (next) store.set("sd-theme", next); else store.drop("sd-theme");
    showTheme(next);
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });

  // ── Countdown: only the words change; a change of status is announced once ────────────────────────────────────────
  const said = document.querySelector("[data-now]")?.dataset.now;
  const skew = said ? Date.parse(said) - Date.now() : 0;
  const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
  function duration(minutes) {
    const hours = Math.floor(minutes / 60), left = minutes % 60;
    if (hours < 1) return `${left} min`;
    if (hours < 24) return left ? `${hours} h ${String(left).padStart(2, "0")} min` : `${hours} h`;
    const days = Math.floor(hours / 24), rest = hours % 24, text = plural(days, "día", "días");
    return rest && days < 7 ? `${text} y ${rest} h` : text;
  }
  function countdown(element) {
    const apart = Date.parse(element.dateTime) - (Date.now() + skew);
    const minutes = Math.floor(Math.abs(apart) / 60000), late = apart <= 0;
    const span = minutes ? duration(minutes) : "menos de 1 min";
    if (element.dataset.countdown === "left") {
      const one = ["1 min", "1 h", "1 día", "menos de 1 min"].includes(span);
      return late ? "ya pasó" : `${one ? "queda" : "quedan"} ${span}`;
    }
    return late ? `venció hace ${span}` : `vence en ${span}`;
  }
  function announce(text) {
    all("[data-announce]").forEach((region) => { region.textContent = text; });
  }
  function tick() {
    all("time[data-countdown]").forEach((element) => {
      const late = Date.parse(element.dateTime) <= Date.now() + skew;
      if (late && element.dataset.late === "false") {
        announce("Un plazo de esta página acaba de vencer. Actualice la página para ver su estado.");
      }
      element.dataset.late = String(late);
      const words = countdown(element);
      if (element.textContent !== words) element.textContent = words;
    });
  }
  if (document.querySelector("time[data-countdown]")) {
    tick();
    setInterval(tick, 60000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  }

  // ── The key / goes to the search ──────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const search = document.querySelector('[data-shortcut="/"]');
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  // ── Dialogs: a popover without this, truly modal with it ──────────────────────────────────────────────────────────
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[popovertarget]");
    const dialog = button && document.getElementById(button.getAttribute("popovertarget"));
    if (!(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    if (button.getAttribute("popovertargetaction") === "hide") dialog.close();
    else if (!dialog.open) {
      all(".sd-menu:popover-open").forEach((menu) => menu.hidePopover());
      dialog.showModal();
    }
  });

  // ── One submission at a time ──────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.dataset.busy === "off") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    all('button[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
  });

  // ── Drafts: text not yet sent stays in this browser until it is sent or the person signs out ──────────────────────
  const PREFIX = "sd-draft:";
  const writable = 'textarea[name], input[name]:is([type="text"], [type="search"], [type="email"], [type="tel"], :not([type])), select[name], input[name]:is([type="radio"], [type="checkbox"])';
  function fieldsOf(form) { return all(writable, form).filter((field) => field.name !== "csrfmiddlewaretoken"); }
  function readDraft(form) {
    const values = {};
    fieldsOf(form).forEach((field) => {
      if (field.type === "radio") { if (field.checked) values[field.name] = field.value; }
      else if (field.type === "checkbox") values[field.name] = field.checked;
      else if (field.value) values[field.name] = field.value;
    });
    return values;
  }
  function fillDraft(form, values) {
    let filled = false;
    fieldsOf(form).forEach((field) => {
      if (!Object.hasOwn(values, field.name)) return;
      const value = values[field.name];
      if (field.type === "radio") field.checked = field.value === value;
      else if (field.type === "checkbox") field.checked = value === true;
      else if (field.tagName === "SELECT" || field.value === "") field.value = value;
      filled = true;
    });
    if (filled) form.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function noteDraft(form, text) {
    const inside = all("[data-draft-note]", form);
    (inside.length ? inside : all("[data-draft-note]")).forEach((note) => { note.textContent = text; });
  }
  all("form[data-draft]").forEach((form) => {
    const key = PREFIX + form.dataset.draft;
    const answered = form.querySelector('[aria-invalid="true"], .sd-error');
    let timer = 0;
    let kept = null;
    try { kept = JSON.parse(store.get(key)); } catch { store.drop(key); }
    // A draft that was sent is over, unless the server sent the form back: then what it sent back stands.
    if (kept && kept.sent && !answered) store.drop(key);
    else if (kept && kept.values && !answered) { fillDraft(form, kept.values); noteDraft(form, `Borrador recuperado de las ${kept.time}`); }
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const moment = new Date();
        const time = `${moment.getHours()}:${String(moment.getMinutes()).padStart(2, "0")}`;
        store.set(key, JSON.stringify({ values: readDraft(form), time }));
        noteDraft(form, `Borrador guardado a las ${time}`);
      }, 600);
    });
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (!event.defaultPrevented) store.set(key, JSON.stringify({ sent: true }));
    });
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) store.keys().filter((key) => key.startsWith(PREFIX)).forEach(store.drop);
  });

  // ── Files: paste, drag, and a list of what will be sent ───────────────────────────────────────────────────────────
  const chosen = new WeakMap();
  function size(bytes) {
    if (bytes < 1024) return plural(bytes, "byte", "bytes");
    const units = ["KB", "MB", "GB"];
    let value = bytes / 1024, unit = 0;
    while (value >= 1000 && unit < 2) { value /= 1024; unit += 1; }
    return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
  }
  function icon(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const look = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.7", "aria-hidden": "true", class: "sd-ic" };
    Object.entries(look).forEach(([name, value]) => svg.setAttribute(name, value));
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }
  function drawFiles(input, refusals = []) {
    const place = document.querySelector(`[data-file-list-for="${CSS.escape(input.id)}"]`);
    if (!place) return;
    all("[data-preview]", place).forEach((old) => old.remove());
    const list = document.createElement("ul");
    list.className = "sd-files";
    list.dataset.preview = "";
    [...input.files].forEach((file, index) => {
      const item = document.createElement("li"), row = document.createElement("span"), name = document.createElement("span");
      const weight = document.createElement("small"), remove = document.createElement("button");
      row.className = "sd-file";
      name.className = "sd-clip";
      name.textContent = file.name;
      weight.textContent = size(file.size);
      remove.type = "button";
      remove.setAttribute("aria-label", `Quitar ${file.name}`);
      remove.append(icon("M6 18 18 6M6 6l12 12"));
      remove.addEventListener("click", () => { give(input, [...input.files].filter((_, other) => other !== index)); input.focus(); });
      row.append(icon("m18.375 12.739-7.693 7.693a4.5 4.5 0 0 1-6.364-6.364l10.94-10.94A3 3 0 1 1 19.5 7.372L8.552 18.32"), name, weight, remove);
      item.append(row);
      list.append(item);
    });
    if (input.files.length) place.append(list);
    if (refusals.length) {
      const problem = document.createElement("p");
      problem.className = "sd-error";
      problem.setAttribute("role", "alert");
      problem.dataset.preview = "";
      problem.textContent = refusals.join(" ");
      place.append(problem);
    }
  }
  function give(input, files) {
    const zone = input.closest("[data-dropzone]");
    const most = input.multiple ? Number(zone.dataset.maxFiles || 10) : 1;
    const heaviest = Number(zone.dataset.maxMb || 25) * 1024 * 1024;
    const refusals = [];
    const light = files.filter((file) => {
      if (file.size <= heaviest) return true;
      refusals.push(`«${file.name}» pesa ${size(file.size)}; el límite es ${size(heaviest)}.`);
      return false;
    });
    const kept = input.multiple ? light.slice(0, most) : light.slice(-1);
    if (input.multiple && light.length > most) refusals.push(`Se adjuntan hasta ${most} archivos; quite alguno para agregar otro.`);
    const transfer = new DataTransfer();
    kept.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    chosen.set(input, kept);
    drawFiles(input, refusals);
  }
  const inputOf = (zone) => zone.querySelector('input[type="file"]');
  const add = (input, files) => give(input, [...(chosen.get(input) || []), ...files]);
  all("[data-scripted]").forEach((hint) => { hint.hidden = false; });
  all("[data-dropzone]").forEach((zone) => {
    const input = inputOf(zone), target = zone.closest(".sd-composer") || zone;
    input.addEventListener("change", () => add(input, [...input.files]));
    target.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      target.dataset.over = "";
    });
    ["dragleave", "drop"].forEach((name) => target.addEventListener(name, () => { delete target.dataset.over; }));
    target.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      add(input, [...event.dataTransfer.files]);
    });
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    const form = event.target.closest?.("form");
    const zone = form?.querySelector("[data-dropzone]") || document.querySelector("[data-dropzone]");
    // A spreadsheet puts its cells on the clipboard as text and as a picture: in a text field the text is meant.
    const typing = event.target.matches?.("input, textarea") && event.clipboardData?.types.includes("text/plain");
    if (!files.length || !zone || typing) return;
    event.preventDefault();
    const named = files.map((file, index) => {
      if (file.name !== "image.png") return file;
      const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
      return new File([file], `captura-${stamp}${index ? `-${index}` : ""}.png`, { type: file.type });
    });
    add(inputOf(zone), named);
  });

  // ── Tabs wider than a telephone: the chosen one is seen whole ─────────────────────────────────────────────────────
  all(".sd-tabs > [aria-current]").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  });

  // ── A form sent back: the focus goes to its first error ───────────────────────────────────────────────────────────
  const wrong = document.querySelector('form:not([data-specimen]) [aria-invalid="true"]:not([type="hidden"])');
  if (wrong) wrong.focus();
})();
