// Numbers that are leased with bundles.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect, http, makers, multipart, newAccount, nobody, pdf, refused, registerExcerpt, sids, url, v2,
} from "./support.mjs";

const account = newAccount();
const client = connect(account);
const { address, bundle, compliance, endUser } = makers(client);
const numbers = client.incomingPhoneNumbers;

test("a number is leased with its bundle, changed, listed and released", async () => {
  const phoneNumber = "+4930555777";
  const { sid: addressSid } = await address();
  await refused(numbers.create({ phoneNumber }), 400, 21631);
  await refused(numbers.create({ phoneNumber, addressSid }), 400, 21649);
  const { sid: bundleSid } = await bundle();
  const attributes = JSON.stringify({ ...registerExcerpt, address_sids: [addressSid] });
  const fields = { FriendlyName: "Excerpt", Type: "commercial_registrar_excerpt", Attributes: attributes };
  const excerpt = (await http(account)(`${v2}/SupportingDocuments`, multipart(fields, pdf))).body;
  for (const objectSid of [excerpt.sid, (await endUser()).sid]) {
    await compliance.bundles(bundleSid).itemAssignments.create({ objectSid });
  }
  await compliance.bundles(bundleSid).update({ status: "pending-review" });
  const wanted = { phoneNumber, bundleSid, addressSid };
  await refused(numbers.create(wanted), 400, 21649);
  const review = await fetch(`${url}/dev/v1/simulate/review`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ bundle_sid: bundleSid, outcome: "approved" }),
  });
  assert.equal(review.status, 200);

  const made = await numbers.create({ ...wanted, voiceUrl: "https://hooks.example/voice", voiceMethod: "GET" });
  assert.deepEqual([made.phoneNumber, made.bundleSid, made.addressSid], [phoneNumber, bundleSid, addressSid]);
  assert.deepEqual([made.voiceUrl, made.voiceMethod, made.type], ["https://hooks.example/voice", "GET", "local"]);
  assert.ok(made.dateCreated instanceof Date);
  assert.deepEqual((await numbers(made.sid).fetch()).toJSON(), made.toJSON());
  assert.deepEqual(sids(await client.addresses(addressSid).dependentPhoneNumbers.list()), [made.sid]);
  await refused(numbers.create(wanted), 400, 21422);
  await refused(compliance.bundles(bundleSid).remove(), 400, 21648);

  assert.equal((await numbers(made.sid).update({ friendlyName: "Desk" })).friendlyName, "Desk");
  await refused(numbers(made.sid).update({ bundleSid: `BU${nobody}` }), 400, 21649);
  assert.deepEqual(sids(await numbers.list({ phoneNumber: "+4930*", pageSize: 1 })), [made.sid]);
  assert.deepEqual(sids(await numbers.list({ friendlyName: "Nobody" })), []);
  assert.equal(await numbers(made.sid).remove(), true);
  await refused(numbers(made.sid).fetch(), 404, 20404);
  assert.equal(await compliance.bundles(bundleSid).remove(), true);
});

test("what is no number is refused", async () => {
  await refused(numbers.create({ areaCode: "510" }), 400, 20001);
  await refused(numbers.create({ phoneNumber: "030 123456" }), 400, 21421);
});
