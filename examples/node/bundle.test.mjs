// The whole life of a regulatory bundle, rehearsed: approved, rejected, expired.
//
// Dossier in rehearsal mode stands in for the original API. It has a ready account, a clock that a test moves, and
// reviewers who do what the test says.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";
import twilio from "twilio";

const company = {
  business_name: "Example Ltd",
  business_registration_identifier: "UK:CRN",
  business_registration_number: "01234567",
  business_website: "https://example.com",
  business_identity: "DIRECT_CUSTOMER",
  is_subassigned: "NO",
  first_name: "Jane",
  last_name: "Doe",
  phone_number: "+442012345678",
  email: "jane@example.com",
};

let service, directory, url, client, compliance;

before(async () => {
  // Starts Dossier on a free port; its first line says where.
  directory = await mkdtemp(join(tmpdir(), "dossier-example-"));
  const flags = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data-dir", directory];
  service = spawn(process.env.DOSSIER_BIN ?? "dossier", flags, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(service.stdout)) {
    url = line.replace("listening on ", "");
    break;
  }
  client = twilio("AC00000000000000000000000000000001", "00000000000000000000000000000001");
  client.numbers.baseUrl = client.api.baseUrl = url;
  compliance = client.numbers.v2.regulatoryCompliance;
});

after(async () => {
  const ended = new Promise((resolve) => service.once("exit", resolve));
  service.kill();
  await ended;
  await rm(directory, { recursive: true });
});

beforeEach(() => call("POST", "/dev/v1/reset"));

/** A call of our own surfaces. */
async function call(method, path, body) {
  const headers = { authorization: "Bearer dev-operator", "content-type": "application/json" };
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

/** Puts together what the United Kingdom asks of a business, and hands it over to review. */
async function submit(friendlyName) {
  const bundle = await compliance.bundles.create({
    friendlyName,
    email: "jane@example.com",
    isoCountry: "GB",
    numberType: "local",
    endUserType: "business",
    statusCallback: `${url}/dev/v1/callbacks`,
  });
  const endUser = await compliance.endUsers.create({
    friendlyName: "Example Ltd", type: "business", attributes: company,
  });
  const address = await client.addresses.create({
    customerName: "Example Ltd", street: "1 High Street", city: "London", region: "London",
    postalCode: "EC1A 1BB", isoCountry: "GB",
  });
  const document = await compliance.supportingDocuments.create({
    friendlyName: "Our address",
    type: "customer_profile_address",
    attributes: { address_sids: [address.sid] },
  });
  for (const objectSid of [endUser.sid, document.sid]) {
    await compliance.bundles(bundle.sid).itemAssignments.create({ objectSid });
  }
  const submitted = await compliance.bundles(bundle.sid).update({ status: "pending-review" });
  assert.equal(submitted.status, "pending-review");
  return { bundle: bundle.sid, document: document.sid };
}

const bundleStatus = async (sid) => (await compliance.bundles(sid).fetch()).status;
const review = (bundle, outcome, more) =>
  call("POST", "/dev/v1/simulate/review", { bundle_sid: bundle, outcome, ...more });

/** The statuses our application was called back with, in order. */
async function told(bundle) {
  const { items } = await call("GET", "/dev/v1/callbacks");
  return items.filter((item) => item.bundle_sid === bundle).map((item) => item.parameters.Status);
}

test("a bundle is approved and expires", async () => {
  const { bundle, document } = await submit("Approved for a while");
  await review(bundle, "approved");
  assert.equal(await bundleStatus(bundle), "twilio-approved");
  assert.equal((await compliance.supportingDocuments(document).fetch()).status, "approved");

  // Somebody on the other side gives it an end. Time passes; people are reminded; it comes.
  await call("PUT", `/operator/v1/bundles/${bundle}/valid-until`, { valid_until: "2099-12-31" });
  await call("POST", "/dev/v1/clock", { set: "2100-01-01" });
  assert.equal(await bundleStatus(bundle), "twilio-rejected");
  const statuses = await told(bundle);
  assert.deepEqual(statuses.slice(0, 2), ["pending-review", "twilio-approved"]);
  assert.equal(statuses.at(-1), "twilio-rejected");
  // Approved, an end was set, three reminders, ended.
  assert.equal((await call("GET", "/dev/v1/mail")).items.length, 6);
});

test("a document is rejected and the bundle submitted again", async () => {
  const { bundle, document } = await submit("Needs a second try");
  await review(bundle, "rejected", { document_reasons: { [document]: [18014] } });
  const rejected = await compliance.supportingDocuments(document).fetch();
  assert.equal(rejected.status, "rejected");
  assert.deepEqual(rejected.errors, [{ code: 18014 }]);
  assert.ok(rejected.failureReason);

  await compliance.bundles(bundle).update({ status: "pending-review" });
  await review(bundle, "approved");
  const expected = ["pending-review", "twilio-rejected", "pending-review", "twilio-approved"];
  assert.deepEqual(await told(bundle), expected);
});

test("the name of a bundle says what becomes of it", async () => {
  const { bundle } = await submit("dossier:approve@30s");
  assert.equal(await bundleStatus(bundle), "pending-review");
  await call("POST", "/dev/v1/clock", { advance_seconds: 30 });
  assert.equal(await bundleStatus(bundle), "twilio-approved");
});
