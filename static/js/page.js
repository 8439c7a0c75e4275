// The one script of every page: guards typed words, and brings in a module only where the page asks for it by an attribute.

const modules = {
  "input[data-check-all]": "./check-all.js",
  "form[data-findings-url]": "./typing.js",
  "[data-progress-url]": "./progress.js",
  "[data-shown-if]": "./shown-if.js",
};

document.getElementById("error-summary")?.focus();

// Asks before leaving a form with typed words that were not sent.
for (const form of document.querySelectorAll("form[data-guard]")) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
}

for (const [selector, path] of Object.entries(modules)) {
  const found = document.querySelectorAll(selector);
  if (found.length) {
    const { start } = await import(path);
    found.forEach(start);
  }
}
