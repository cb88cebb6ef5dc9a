import "@fontsource-variable/inter/wght.css";
import "./styles/page.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { expectPerson } from "~/features/account/person";
import { NoConnection } from "~/lib/problem";
import { router } from "./routes/tree";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (tries, err) => err instanceof NoConnection && tries < 2,
      refetchOnReconnect: true, // which it is not of itself with the next line
      networkMode: "always", // the browser's guess about the network is wrong on a laptop with a stack of its own
    },
    mutations: { networkMode: "always" },
  },
});

const place = document.getElementById("root");
if (!place) throw new Error("no #root in index.html");
const page = createRoot(place);
// The first picture is the whole one: with who is here, and with the code of the address.
void Promise.allSettled([expectPerson(), router.load()]).then(() =>
  page.render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  ),
);

// Only a built page has a worker; without one, or where it is not allowed, the page needs the network.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  const register = () => void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
  // It fetches all that the page consists of: not while the first list is on its way.
  window.addEventListener("load", () => setTimeout(register, 1_000));
}

// A part of the page that is gone was replaced by a newer release: load that one.
window.addEventListener("vite:preloadError", () => window.location.reload());
