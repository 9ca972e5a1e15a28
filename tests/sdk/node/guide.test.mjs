// The getting-started guide of the original, from the regulation to the submission, with its SDK.

import assert from "node:assert/strict";
import { test } from "node:test";
import { berlin, company, connect, http, multipart, newAccount, pdf, registerExcerpt, v2 } from "./support.mjs";

test("a German company gets ready for review", async () => {
  const account = newAccount();
  const client = connect(account);
  const compliance = client.numbers.v2.regulatoryCompliance;

  // What does Germany ask of a business that wants a local number?
  const [regulation] = await compliance.regulations.list({
    isoCountry: "DE",
    numberType: "local",
    endUserType: "business",
    includeConstraints: true,
  });
  assert.equal(regulation.friendlyName, "Germany: Local - Business");
  assert.equal(regulation.requirements.end_user[0].constraint, "business != null");

  // The bundle that will hold the proof, who will use the numbers, and where they are.
  const bundle = await compliance.bundles.create({
    friendlyName: "Beispiel GmbH, Berlin",
    email: "compliance@beispiel.example",
    statusCallback: "https://beispiel.example/compliance",
    regulationSid: regulation.sid,
  });
  assert.equal(bundle.status, "draft");
  const endUser = await compliance.endUsers.create({
    friendlyName: "Beispiel GmbH",
    type: "business",
    attributes: company,
  });
  const address = await client.addresses.create({ friendlyName: "Office", ...berlin });

  // A document is made with what is written in it; its file can follow.
  const document = await compliance.supportingDocuments.create({
    friendlyName: "Register excerpt",
    type: "commercial_registrar_excerpt",
    attributes: { ...registerExcerpt, address_sids: [address.sid] },
  });
  assert.deepEqual([document.status, document.mimeType], ["draft", null]);
  for (const item of [endUser, document]) {
    await compliance.bundles(bundle.sid).itemAssignments.create({ objectSid: item.sid });
  }

  // Nobody can review a document that has no file, so this is not enough yet.
  const { evaluations } = compliance.bundles(bundle.sid);
  const before = await evaluations.create();
  assert.equal(before.status, "noncompliant");
  assert.deepEqual([...new Set(before.results.map((result) => result.error_code))], [null, 22216]);
  await assert.rejects(compliance.bundles(bundle.sid).update({ status: "pending-review" }), (refusal) => {
    assert.deepEqual([refusal.status, refusal.code], [400, 20001]);
    assert.match(refusal.message, new RegExp(`/Bundles/${bundle.sid}/Evaluations/EL[0-9a-f]{32}`));
    return true;
  });

  // The file. The SDKs cannot upload, but it is an ordinary form.
  const uploaded = await http(account)(`${v2}/SupportingDocuments/${document.sid}`, multipart({}, pdf));
  assert.deepEqual([uploaded.status, uploaded.body.mime_type], [200, "application/pdf"]);

  assert.equal((await evaluations.create()).status, "compliant");
  assert.equal((await compliance.bundles(bundle.sid).update({ status: "pending-review" })).status, "pending-review");
  assert.equal((await compliance.supportingDocuments(document.sid).fetch()).status, "pending-review");
});
