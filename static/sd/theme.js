// Before the first paint: the person's own choice of theme, kept in this browser only. Loaded blocking, so it stays tiny.
(function () {
  "use strict";
  try {
    var theme = localStorage.getItem("sd-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (error) {
    // Storage is closed to us: the system's theme stands.
  }
})();
