// The console by keyboard. Nothing here is needed to work: every act is also a link or a button.
(() => {
  const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  const ROWS = "a.job, a.result";
  const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  const lettersOn = () => localStorage.getItem("letters") !== "off";

  function actOn(key) {
    const element = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((each) => each.checkVisibility());
    if (!element) return false;
    if (element.matches(FIELDS)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
    return true;
  }

  // From nowhere, the first step goes to the open row, or to the first one.
  function moveBy(step, from) {
    const list = from.closest(".results, .board") ?? document.querySelector(".results") ?? document.querySelector(".board");
    const rows = [...(list?.querySelectorAll(ROWS) ?? [])];
    const at = rows.indexOf(from);
    const next = at === -1 ? (rows.find((row) => row.ariaCurrent) ?? rows[0]) : rows[at + step];
    next?.focus();
    return Boolean(next);
  }

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const typing = target.matches(FIELDS);
    const arrow = key.startsWith("Arrow");

    let done = false;
    if (event.altKey) {
      done = actOn(key);
    } else if (typing) {
      if (key === "ArrowDown" && target.type === "search") done = moveBy(1, target);
      if (key === "Escape") target.blur();
    } else if (key in STEPS && (arrow ? target.matches(ROWS) : lettersOn())) {
      done = moveBy(STEPS[key], target);
    } else if (lettersOn()) {
      done = actOn(key);
    }
    if (done) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(".menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });

  // A line being written is not lost to another button: the browser asks first.
  let sent = null;
  document.addEventListener("submit", (event) => {
    sent = event.target;
  });
  addEventListener("beforeunload", (event) => {
    const lines = [...document.querySelectorAll(".entry textarea")];
    if (lines.some((line) => line.value.trim() && line.form !== sent)) event.preventDefault();
  });

  // A refused form comes back as a whole page: go where it says why.
  const refused = document.querySelector("[aria-invalid='true'], .sheet .errorlist");
  refused?.scrollIntoView({ block: "center" });
  refused?.focus({ preventScroll: true });

  document.addEventListener("change", (event) => {
    if (event.target.id === "letters") localStorage.setItem("letters", event.target.checked ? "on" : "off");
  });
  const letters = document.getElementById("letters");
  if (letters) letters.checked = lettersOn();
})();
