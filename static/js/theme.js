// Loaded in the head without defer: the remembered theme must be known before the first paint.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const system = () => (dark.matches ? "dark" : "light");
  const chosen = localStorage.getItem("theme");
  if (chosen) root.dataset.bsTheme = chosen;

  // Choosing what the system says forgets the choice: the page follows the system again.
  function toggle() {
    const next = (root.dataset.bsTheme || system()) === "dark" ? "light" : "dark";
    if (next === system()) {
      delete root.dataset.bsTheme;
      localStorage.removeItem("theme");
    } else {
      root.dataset.bsTheme = next;
      localStorage.setItem("theme", next);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.addEventListener("click", toggle);
    }
  });
})();
