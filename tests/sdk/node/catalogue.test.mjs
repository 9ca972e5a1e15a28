// Regulations, and the kinds of end users and documents.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, germanyLocalBusiness, newAccount, nobody, refused, sids } from "./support.mjs";

const compliance = connect(newAccount()).numbers.v2.regulatoryCompliance;

test("regulations are filtered", async () => {
  const filters = { isoCountry: "de", numberType: "local", endUserType: "business" };
  assert.deepEqual(sids(await compliance.regulations.list(filters)), [germanyLocalBusiness]);
  assert.deepEqual(await compliance.regulations.list({ isoCountry: "US" }), []);
  await refused(compliance.regulations.list({ endUserType: "company" }), 400, 22212);
  await refused(compliance.regulations.list({ numberType: "landline" }), 400, 22213);
});

test("a regulation is fetched with and without its constraints", async () => {
  const plain = await compliance.regulations(germanyLocalBusiness).fetch();
  assert.equal(plain.requirements.end_user[0].constraint, null);
  const full = await compliance.regulations(germanyLocalBusiness).fetch({ includeConstraints: true });
  assert.equal(full.requirements.end_user[0].constraint, "business != null");
  await refused(compliance.regulations(`RN${nobody}`).fetch(), 404, 20404);
});

for (const name of ["endUserTypes", "supportingDocumentTypes"]) {
  test(`${name} are listed, and fetched by SID and by name`, async () => {
    const types = await compliance[name].list();
    assert.ok(types.length >= 2);
    for (const type of types.slice(0, 5)) {
      assert.deepEqual((await compliance[name](type.sid).fetch()).toJSON(), type.toJSON());
      assert.deepEqual((await compliance[name](type.machineName).fetch()).toJSON(), type.toJSON());
    }
    await refused(compliance[name]("nothing").fetch(), 404, 20404);
  });
}

for (const name of ["regulations", "endUserTypes", "supportingDocumentTypes"]) {
  test(`${name} come in pages`, async () => {
    const first = await compliance[name].page({ pageSize: 1 });
    const second = await compliance[name].getPage(first.nextPageUrl);
    const all = await compliance[name].list({ limit: 2 });
    assert.deepEqual([...sids(first.instances), ...sids(second.instances)], sids(all));
    assert.deepEqual(sids((await compliance[name].page({ pageSize: 1, pageNumber: 1 })).instances), [all[1].sid]);
  });
}
