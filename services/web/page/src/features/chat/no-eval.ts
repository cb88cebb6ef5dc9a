// Imported before the chat client: zod, which that checks its stream with, otherwise tries while it is loaded whether it
// may write functions, and the policy says no.
import { config } from "zod";

config({ jitless: true });
