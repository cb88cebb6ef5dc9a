// Sets the chosen theme before the first paint. A file of its own, as the content security policy allows no inline script.
(function () {
  try {
    var theme = localStorage.getItem("tickler.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // No storage allowed: the system's theme it is.
  }
})();
