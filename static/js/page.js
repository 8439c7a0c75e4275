// The one script of every page: brings in a module only where the page asks for it by an attribute.

const modules = {
  "input[data-check-all]": "./check-all.js",
  "form[data-guard]": "./guard.js",
  "form[data-findings-url]": "./findings.js",
  "[data-progress-url]": "./progress.js",
};

document.getElementById("error-summary")?.focus();

for (const [selector, path] of Object.entries(modules)) {
  const found = document.querySelectorAll(selector);
  if (found.length) {
    const { start } = await import(path);
    found.forEach(start);
  }
}
