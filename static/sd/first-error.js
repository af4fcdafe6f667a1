// A form sent back: the focus goes to its first error.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const wrong = document.querySelector('form [aria-invalid="true"]:not([type="hidden"]):not([tabindex="-1"])');
  if (wrong) setTimeout(() => wrong.focus(), 0);
});
