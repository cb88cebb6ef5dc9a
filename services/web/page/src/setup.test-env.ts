// Dates in tests are those of one place, wherever the tests run.
process.env["TZ"] = "Europe/Berlin";
