// Runs a command beside a started `dossier serve --dev` on a free port, with a data directory and a database that
// nobody else uses: node with-service.mjs sqlite|postgres COMMAND ARGUMENTS…
//
// The command finds the service in DOSSIER_URL, and in DOSSIER_STORAGE the flags that lead to the same storage.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [engine, command, ...args] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "dossier-sdk-"));
const log = join(directory, "stderr");

/** A database of its own on the PostgreSQL server of the tests. */
function createDatabase() {
  const server = process.env.DOSSIER_TEST_POSTGRES_URL;
  const name = `dossier_sdk_${randomBytes(6).toString("hex")}`;
  // On the path, or where Debian puts it.
  const debian = "/usr/lib/postgresql";
  const packaged = existsSync(debian) ? readdirSync(debian).sort().at(-1) : undefined;
  const psql = packaged ? `${debian}/${packaged}/bin/psql` : "psql";
  const run = (statement) => execFileSync(psql, ["--quiet", "--dbname", server, "--command", statement]);
  run(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE ${name}`) };
}

/** The environment without settings of whoever runs the tests. */
function environment() {
  const foreign = /^(DOSSIER|TWILIO)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

const database = engine === "postgres" ? createDatabase() : undefined;
const storage = ["--data-dir", join(directory, "data"), ...(database ? ["--database-url", database.url] : [])];
const binary = process.env.DOSSIER_BIN;
const service = spawn(binary, ["serve", "--dev", "--listen", "127.0.0.1:0", ...storage], {
  env: environment(),
  stdio: ["ignore", "pipe", openSync(log, "w")],
});
const ended = once(service, "exit");

// The first line on standard output is made for scripts.
const [line] = await Promise.race([once(createInterface(service.stdout), "line"), ended]);
const url = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
if (!url) {
  console.error(`dossier did not start:\n${readFileSync(log, "utf8")}`);
  process.exit(1);
}

const tests = spawn(command, args, {
  env: { ...environment(), DOSSIER_BIN: binary, DOSSIER_URL: url, DOSSIER_STORAGE: JSON.stringify(storage) },
  stdio: ["ignore", "pipe", "inherit"],
});
let printed = "";
tests.stdout.on("data", (chunk) => {
  printed += chunk;
  process.stdout.write(chunk);
});
const [testStatus] = await once(tests, "close");
// The totals in the form that `scripts/test` adds up.
const total = (name) => new RegExp(`^\\W*${name} (\\d+)$`, "m").exec(printed)?.[1];
if (total("pass")) console.log(`${total("pass")} passed, ${total("fail")} failed`);

service.kill("SIGTERM");
const [serviceStatus] = await ended;
const failed = serviceStatus !== 0 || /panicked|"level":"error"/.test(readFileSync(log, "utf8"));
if (failed) {
  console.error(`dossier ended with ${serviceStatus}:\n${readFileSync(log, "utf8")}`);
}
database?.drop();
rmSync(directory, { recursive: true });
process.exitCode = testStatus || (failed ? 1 : 0);
