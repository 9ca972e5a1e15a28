// Credentials and bodies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, http, makers, newAccount, nobody, refused, rehearsal, v2 } from "./support.mjs";

test("wrong credentials", async () => {
  for (const account of [{ ...rehearsal, token: "wrong" }, { ...rehearsal, sid: `AC${nobody}` }]) {
    const { bundles } = connect(account).numbers.v2.regulatoryCompliance;
    await refused(bundles.list(), 401, 20003);
    await refused(bundles.create({ friendlyName: "x", email: "a@b.example" }), 401, 20003);
  }
});

test("the account of the rehearsal mode is ready", async () => {
  await connect(rehearsal).numbers.v2.regulatoryCompliance.bundles.list({ limit: 1 });
});

test("nobody sees the objects of others", async () => {
  const own = makers(connect(newAccount()));
  const theirs = connect(newAccount()).numbers.v2.regulatoryCompliance;
  const made = await own.bundle();
  await refused(theirs.bundles(made.sid).fetch(), 404, 20404);
  await refused(theirs.bundles(made.sid).itemAssignments.list(), 404, 20404);
  await refused(theirs.endUsers((await own.endUser()).sid).remove(), 404, 20404);
  await refused(theirs.supportingDocuments((await own.document()).sid).update({ friendlyName: "x" }), 404, 20404);
});

test("bodies are forms of a limited size", async () => {
  const request = http(newAccount());
  const json = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  const form = { method: "POST", body: new URLSearchParams({ FriendlyName: "x".repeat(300_000) }) };
  for (const [init, status, code] of [
    [json, 415, 20422],
    [form, 413, 20413],
    [{ method: "PUT" }, 405, 20004],
  ]) {
    const { status: found, body } = await request(`${v2}/EndUsers`, init);
    assert.deepEqual([found, body.code], [status, code]);
    assert.deepEqual(Object.keys(body).sort(), ["code", "message", "more_info", "status"]);
  }
});
