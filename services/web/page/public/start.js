// Runs before the first paint, while the page's scripts are on their way. A file of its own, as the content security
// policy allows no inline script.
(function () {
  var known = false;
  try {
    var theme = localStorage.getItem("tickler.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    known = localStorage.getItem("tickler.person") !== null;
  } catch {
    // No storage allowed: the system's theme it is.
  }
  // What a page behind the sign-in will ask first is asked now (taken up in lib/head-start.ts); who was here is most
  // likely still here.
  var asked = {};
  if (!/^\/($|sign|forgot|reset|privacy)/.test(document.location.pathname)) {
    ask("/api/auth/get-session");
    if (known) ask("/api/auth/token");
  }
  window.ticklerAsked = asked;
  function ask(path) {
    asked[path] = fetch(path, { headers: { Accept: "application/json" } }).catch(function () {
      return null;
    });
  }
})();
