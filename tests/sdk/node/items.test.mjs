// End users, supporting documents with and without files, item assignments, evaluations.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  company, connect, http, makers, multipart, newAccount, nobody, pdf, refused, registerExcerpt, sample, sids, v2,
} from "./support.mjs";

const account = newAccount();
const { address, bundle, compliance, document, endUser } = makers(connect(account));
const request = http(account);

test("an end user is made, found, changed and deleted", async () => {
  const made = await endUser();
  assert.deepEqual(made.attributes, company);
  assert.deepEqual((await compliance.endUsers(made.sid).fetch()).toJSON(), made.toJSON());
  assert.equal((await compliance.endUsers.list({ limit: 1 }))[0].sid, made.sid);

  const changes = { friendlyName: "Max", attributes: { first_name: "Max" } };
  const changed = await compliance.endUsers(made.sid).update(changes);
  assert.deepEqual([changed.friendlyName, changed.attributes], ["Max", { first_name: "Max" }]);

  const other = await bundle();
  const assignment = await compliance.bundles(other.sid).itemAssignments.create({ objectSid: made.sid });
  await refused(compliance.endUsers(made.sid).remove(), 400, 21644);
  await compliance.bundles(other.sid).itemAssignments(assignment.sid).remove();
  assert.equal(await compliance.endUsers(made.sid).remove(), true);
  await refused(compliance.endUsers(made.sid).fetch(), 404, 20404);
});

test("a document is made, found, changed and deleted", async () => {
  const made = await document("passport", { first_name: "Erika" });
  assert.deepEqual([made.status, made.mimeType, made.failureReason, made.errors], ["draft", null, null, null]);
  assert.deepEqual((await compliance.supportingDocuments(made.sid).fetch()).toJSON(), made.toJSON());
  assert.equal((await compliance.supportingDocuments.list({ limit: 1 }))[0].sid, made.sid);

  const changed = await compliance.supportingDocuments(made.sid).update({ friendlyName: "New", attributes: {} });
  assert.deepEqual([changed.friendlyName, changed.attributes], ["New", {}]);

  const other = await bundle();
  await compliance.bundles(other.sid).itemAssignments.create({ objectSid: made.sid });
  await refused(compliance.supportingDocuments(made.sid).remove(), 400, 21645);
  await compliance.bundles(other.sid).remove();
  assert.equal(await compliance.supportingDocuments(made.sid).remove(), true);
  await refused(compliance.supportingDocuments(made.sid).fetch(), 404, 20404);
});

test("what cannot be made", async () => {
  const bad = { friendlyName: "x", type: "individual", attributes: "{" };
  await refused(compliance.endUsers.create(bad), 400, 22207);
  await refused(compliance.endUsers.create({ ...bad, attributes: '{"a":1,"a":2}' }), 400, 22207);
  await refused(compliance.endUsers.create({ ...bad, type: "company", attributes: {} }), 400, 22212);
  await refused(compliance.supportingDocuments.create({ ...bad, type: "passport" }), 400, 22207);
  await refused(compliance.supportingDocuments.create({ ...bad, type: "library_card", attributes: {} }), 400, 22210);
});

test("files travel as multipart", async () => {
  const fields = { FriendlyName: "Passport", Type: "passport", Attributes: JSON.stringify({ first_name: "Erika" }) };
  for (const [path, type] of [
    ["crates/testkit/files/passport.pdf", "application/pdf"],
    ["crates/testkit/files/passport.jpg", "image/jpeg"],
    ["crates/testkit/files/passport.png", "image/png"],
  ]) {
    const { status, body } = await request(`${v2}/SupportingDocuments`, multipart(fields, sample(path, type)));
    assert.deepEqual([status, body.mime_type, body.attributes], [201, type, { first_name: "Erika" }]);
    const found = await compliance.supportingDocuments(body.sid).update({ attributes: { first_name: "Max" } });
    assert.deepEqual([found.mimeType, found.attributes], [type, { first_name: "Max" }], "the file stays");
  }
});

test("files that nobody can review", async () => {
  const fields = { FriendlyName: "Passport", Type: "passport" };
  for (const [file, status, code] of [
    [new Blob(["Dear Sir or Madam"]), 400, 12301],
    [pdf.slice(0, Math.floor(pdf.size / 2)), 400, 18024],
    [sample("crates/domain/tests/files/encrypted-owner-only.pdf"), 400, 18024],
    [new Blob([pdf, new Uint8Array(5 * 1024 * 1024)]), 413, 20413],
  ]) {
    const { status: found, body } = await request(`${v2}/SupportingDocuments`, multipart(fields, file));
    assert.deepEqual([found, body.code, body.status], [status, code, status], body.message);
  }
  const two = multipart(fields, pdf);
  two.body.append("File", pdf, "back");
  const { status, body } = await request(`${v2}/SupportingDocuments`, two);
  assert.deepEqual([status, body.code], [400, 20001]);
});

test("items are assigned and removed", async () => {
  const own = await bundle();
  const { itemAssignments } = compliance.bundles(own.sid);
  const [person, excerpt] = [await endUser(), await document()];
  const made = await itemAssignments.create({ objectSid: person.sid });
  assert.deepEqual([made.bundleSid, made.objectSid], [own.sid, person.sid]);
  assert.deepEqual((await itemAssignments(made.sid).fetch()).toJSON(), made.toJSON());
  const second = await itemAssignments.create({ objectSid: excerpt.sid });
  assert.deepEqual(sids(await itemAssignments.list({ pageSize: 1 })), [second.sid, made.sid]);

  await refused(itemAssignments.create({ objectSid: (await endUser()).sid }), 400, 22214);
  await refused(itemAssignments.create({ objectSid: (await document()).sid }), 400, 70002);
  await refused(itemAssignments.create({ objectSid: `IT${nobody}` }), 400, 22205);
  await refused(itemAssignments.create({ objectSid: (await address()).sid }), 400, 22206);

  assert.equal(await itemAssignments(made.sid).remove(), true);
  assert.deepEqual(sids(await itemAssignments.list()), [second.sid]);
});

test("evaluations are made, kept and listed", async () => {
  const own = await bundle();
  const { evaluations } = compliance.bundles(own.sid);
  const made = await evaluations.create();
  assert.equal(made.status, "noncompliant");
  assert.deepEqual(made.results.map((result) => result.error_code), [22214, 22216, 22216, 22216]);
  assert.deepEqual((await evaluations(made.sid).fetch()).toJSON(), made.toJSON());
  const second = await evaluations.create();
  assert.deepEqual(sids(await evaluations.list({ pageSize: 1 })), [second.sid, made.sid]);
  await refused(evaluations(`EL${nobody}`).fetch(), 404, 20404);
});

test("what is under review stays as it is", async () => {
  const own = await bundle();
  const person = await endUser();
  const place = await address();
  const attributes = JSON.stringify({ ...registerExcerpt, address_sids: [place.sid] });
  const fields = { FriendlyName: "Excerpt", Type: "commercial_registrar_excerpt", Attributes: attributes };
  const { body: excerpt } = await request(`${v2}/SupportingDocuments`, multipart(fields, pdf));
  const { itemAssignments } = compliance.bundles(own.sid);
  const assignment = await itemAssignments.create({ objectSid: person.sid });
  await itemAssignments.create({ objectSid: excerpt.sid });
  await compliance.bundles(own.sid).update({ status: "pending-review" });

  await refused(itemAssignments(assignment.sid).remove(), 409, 20409);
  await refused(compliance.endUsers(person.sid).update({ attributes: {} }), 409, 20409);
  await refused(compliance.supportingDocuments(excerpt.sid).update({ attributes: {} }), 409, 20409);
  await refused(compliance.bundles(own.sid).update({ status: "draft" }), 409, 20409);
  await refused(compliance.bundles(own.sid).remove(), 400, 21647);
});
