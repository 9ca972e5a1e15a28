// Bundles made from bundles: copies, clones, and copies that take their source's place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, http, makers, multipart, newAccount, nobody, pdf, refused, registerExcerpt, sids, url, v2 } from "./support.mjs";

const account = newAccount();
const client = connect(account);
const { bundle, endUser, address, compliance } = makers(client);
const request = http(account);
const end = new Date("2099-12-31T23:59:59Z");

/** A call of the operator of rehearsal mode. */
async function operate(method, path, body) {
  const headers = { authorization: "Bearer dev-operator", "content-type": "application/json" };
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.text());
}

async function approve(sid) {
  await compliance.bundles(sid).update({ status: "pending-review" });
  await operate("POST", "/dev/v1/simulate/review", { bundle_sid: sid, outcome: "approved" });
}

/** An approved bundle whose approval ends. */
async function approved() {
  const made = await bundle();
  const place = await address();
  const attributes = JSON.stringify({ ...registerExcerpt, address_sids: [place.sid] });
  const fields = { FriendlyName: "Excerpt", Type: "commercial_registrar_excerpt", Attributes: attributes };
  const { body: excerpt } = await request(`${v2}/SupportingDocuments`, multipart(fields, pdf));
  const company = await endUser();
  for (const { sid } of [company, excerpt]) {
    await compliance.bundles(made.sid).itemAssignments.create({ objectSid: sid });
  }
  await approve(made.sid);
  await operate("PUT", `/operator/v1/bundles/${made.sid}/valid-until`, { valid_until: "2099-12-31" });
  return made;
}

const objects = async (sid) =>
  (await compliance.bundles(sid).itemAssignments.list()).map((assignment) => assignment.objectSid).sort();

test("a copy is a draft with items of its own", async () => {
  const source = await approved();
  const { bundleCopies } = compliance.bundles(source.sid);
  const made = await bundleCopies.create({ friendlyName: "Copy" });
  assert.deepEqual([made.status, made.validUntil, made.friendlyName], ["draft", null, "Copy"]);
  assert.ok(made.dateCreated instanceof Date);
  const items = await objects(made.sid);
  assert.equal(items.length, 2);
  const originals = new Set(await objects(source.sid));
  assert.deepEqual(items.filter((sid) => originals.has(sid)), []);
  assert.equal((await bundleCopies.create()).friendlyName, source.friendlyName);
  assert.equal((await compliance.bundles(made.sid).evaluations.create()).status, "compliant");
});

test("copies are listed page by page", async () => {
  const source = await approved();
  const { bundleCopies } = compliance.bundles(source.sid);
  assert.deepEqual(await bundleCopies.list(), []);
  const made = [];
  for (let number = 0; number < 3; number++) made.push((await bundleCopies.create()).sid);
  assert.deepEqual(sids(await bundleCopies.list({ pageSize: 2 })).sort(), made.sort());
  const page = await bundleCopies.page({ pageSize: 2 });
  assert.equal(page.instances.length, 2);
  assert.equal((await page.nextPage()).instances.length, 1);
  await compliance.bundles(made[0]).remove();
  assert.deepEqual(sids(await bundleCopies.list()).sort(), made.slice(1).sort());
});

test("what cannot be copied", async () => {
  const draft = await bundle();
  await refused(compliance.bundles(draft.sid).bundleCopies.create(), 400, 22223);
  await refused(compliance.bundles(`BU${nobody}`).bundleCopies.create(), 404, 20404);
});

test("a clone is the same bundle once more", async () => {
  const source = await approved();
  const clones = client.numbers.v2.bundleClone(source.sid);
  const made = await clones.create({ targetAccountSid: account.sid });
  assert.deepEqual([made.status, made.accountSid], ["twilio-approved", account.sid]);
  assert.deepEqual(made.validUntil, end);
  assert.equal(made.url, `${url}${v2}/Bundles/${made.bundleSid}/Clones`);
  const draft = await clones.create({ targetAccountSid: account.sid, moveToDraft: true, friendlyName: "Draft" });
  assert.deepEqual([draft.status, draft.friendlyName], ["draft", "Draft"]);
  await refused(clones.create({ targetAccountSid: newAccount().sid }), 403, 20403);
  await refused(clones.create({ targetAccountSid: `AC${nobody}` }), 404, 20404);
  const other = await bundle();
  await refused(client.numbers.v2.bundleClone(other.sid).create({ targetAccountSid: account.sid }), 400, 22223);
});

test("a copy takes its source's place", async () => {
  const source = await approved();
  const { bundleCopies, replaceItems } = compliance.bundles(source.sid);
  const copy = await bundleCopies.create();
  await refused(replaceItems.create({ fromBundleSid: copy.sid }), 400, 22224);
  await refused(replaceItems.create({ fromBundleSid: `BU${nobody}` }), 400, 22225);
  await refused(replaceItems.create({ fromBundleSid: source.sid }), 400, 22226);
  await approve(copy.sid);
  const replaced = await replaceItems.create({ fromBundleSid: copy.sid });
  assert.deepEqual([replaced.sid, replaced.status, replaced.validUntil], [source.sid, "twilio-approved", null]);
  const items = await objects(copy.sid);
  assert.deepEqual(await objects(source.sid), items);
  assert.equal(await compliance.bundles(copy.sid).remove(), true);
  assert.deepEqual(await objects(source.sid), items);
});
