// What the README tells people to run works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { rehearsal, repository, url } from "./support.mjs";

test("the walk of the README in Node", () => {
  const page = readFileSync(new URL("README.md", repository), "utf8");
  const [, walk] = /^```js\n(.*?)^```$/ms.exec(page);
  // A directory with the sample file and the installed SDK, as a reader has it.
  const directory = mkdtempSync(join(tmpdir(), "dossier-readme-"));
  try {
    symlinkSync(fileURLToPath(new URL("crates", repository)), join(directory, "crates"));
    symlinkSync(fileURLToPath(new URL("node_modules", import.meta.url)), join(directory, "node_modules"));
    writeFileSync(join(directory, "walk.mjs"), walk);
    const printed = execFileSync(process.execPath, ["--no-warnings", "walk.mjs"], {
      cwd: directory,
      encoding: "utf8",
      env: { TWILIO_ACCOUNT_SID: rehearsal.sid, TWILIO_AUTH_TOKEN: rehearsal.token, DOSSIER_URL: url },
    });
    assert.equal(printed, "compliant\npending-review\n");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
