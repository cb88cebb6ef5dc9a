// Runs before the first paint, while the page's scripts are on their way. A file of its own, as the content security
// policy allows no inline script.
(function () {
  try {
    var theme = localStorage.getItem("tickler.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // No storage allowed: the system's theme it is.
  }
  // What a page behind the sign-in will ask first is asked now (taken up in lib/head-start.ts).
  var asked = {};
  if (!/^\/($|sign|forgot|reset|privacy)/.test(document.location.pathname)) {
    var session = (asked["/api/auth/get-session"] = ask("/api/auth/get-session"));
    // One behind the other: where nobody is signed in the answer is known, and to ask would be an error in the console.
    asked["/api/auth/token"] = session.then(ifThere).then(token, nothing);
  }
  window.ticklerAsked = asked;
  function ask(path) {
    return fetch(path, { headers: { Accept: "application/json" } }).catch(nothing);
  }
  function ifThere(answer) {
    return answer && answer.ok ? answer.clone().json() : undefined;
  }
  function token(session) {
    if (session === undefined) return null;
    return session ? ask("/api/auth/token") : new window.Response(null, { status: 401 });
  }
  function nothing() {
    return null;
  }
})();
