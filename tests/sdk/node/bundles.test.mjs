// Bundles: made, found, changed, deleted. Submission is in guide.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, germanyLocalBusiness, makers, newAccount, nobody, refused, sids, url, v2 } from "./support.mjs";

const client = connect(newAccount());
const { bundle, compliance } = makers(client);
const { bundles } = compliance;

test("a bundle is made from a regulation or from what it is for", async () => {
  const made = await bundle({ statusCallback: "https://example.com/callback", isTest: true });
  assert.match(made.sid, /^BU[0-9a-f]{32}$/);
  assert.equal(made.statusCallback, "https://example.com/callback");
  assert.equal(made.validUntil, null);
  assert.ok(made.dateCreated instanceof Date);
  assert.equal(made.url, `${url}${v2}/Bundles/${made.sid}`);
  assert.deepEqual((await bundles(made.sid).fetch()).toJSON(), made.toJSON());

  const kinds = { isoCountry: "DE", numberType: "local", endUserType: "business" };
  const other = await bundles.create({ friendlyName: "x", email: "a@b.example", ...kinds });
  assert.equal(other.regulationSid, germanyLocalBusiness);
});

test("a bundle that cannot be", async () => {
  await refused(bundle({ friendlyName: "x".repeat(256) }), 400, 20002);
  await refused(bundle({ email: "nobody" }), 400, 20001);
  await refused(bundle({ regulationSid: `RN${nobody}` }), 400, 22201);
  const nameless = { friendlyName: "x", email: "a@b.example" };
  await refused(bundles.create({ ...nameless }), 400, 22202);
  const unknown = { ...nameless, isoCountry: "DE", numberType: "landline", endUserType: "business" };
  await refused(bundles.create(unknown), 400, 22200);
});

test("a bundle is changed and deleted", async () => {
  const made = await bundle();
  const changes = { friendlyName: "Other", email: "other@example.com", statusCallback: "https://example.com/other" };
  const changed = await bundles(made.sid).update(changes);
  for (const [name, value] of Object.entries(changes)) assert.equal(changed[name], value);
  await refused(bundles(made.sid).update({ status: "twilio-approved" }), 400, 22203);

  assert.equal(await bundles(made.sid).remove(), true);
  await refused(bundles(made.sid).fetch(), 404, 20404);
});

test("filters and orders", async () => {
  const own = makers(connect(newAccount()));
  const make = (friendlyName, kinds) =>
    own.compliance.bundles.create({ friendlyName, email: "a@b.example", ...kinds });
  const germany = await make("Germany", { regulationSid: germanyLocalBusiness });
  await make("Britain", { isoCountry: "GB", numberType: "mobile", endUserType: "individual" });

  for (const [filters, expected] of [
    [{}, ["Britain", "Germany"]],
    [{ status: "draft" }, ["Britain", "Germany"]],
    [{ status: "in-review" }, []],
    [{ bundleSids: `${germany.sid},BU${nobody}` }, ["Germany"]],
    [{ friendlyName: "Britain" }, ["Britain"]],
    [{ regulationSid: germanyLocalBusiness }, ["Germany"]],
    [{ isoCountry: "GB" }, ["Britain"]],
    [{ numberType: "local" }, ["Germany"]],
    [{ endUserType: "individual" }, ["Britain"]],
    [{ hasValidUntilDate: false }, ["Britain", "Germany"]],
    [{ hasValidUntilDate: true }, []],
    [{ validUntilDate: new Date() }, []],
    [{ validUntilDateBefore: new Date() }, []],
    [{ validUntilDateAfter: new Date() }, []],
    [{ sortDirection: "ASC" }, ["Germany", "Britain"]],
    [{ sortBy: "date-updated", sortDirection: "DESC" }, ["Britain", "Germany"]],
    [{ sortBy: "valid-until", numberType: "local" }, ["Germany"]],
  ]) {
    const found = await own.compliance.bundles.list(filters);
    assert.deepEqual(found.map((each) => each.friendlyName), expected, JSON.stringify(filters));
  }
  await refused(own.compliance.bundles.list({ status: "approved" }), 400, 22203);
});

test("pages", async () => {
  const own = makers(connect(newAccount()));
  const all = [];
  for (let number = 0; number < 5; number += 1) all.unshift((await own.bundle()).sid);
  const lists = own.compliance.bundles;

  assert.deepEqual(sids(await lists.list({ pageSize: 2 })), all);
  assert.deepEqual(sids(await lists.list({ limit: 5000 })), all, "a limit above the largest page");
  const each = [];
  await new Promise((done, failed) => {
    const finish = (error) => (error ? failed(error) : done());
    lists.each({ pageSize: 2, callback: (found) => each.push(found.sid), done: finish });
  });
  assert.deepEqual(each, all);

  const first = await lists.page({ pageSize: 2 });
  assert.equal(first.previousPageUrl, undefined);
  const second = await lists.getPage(first.nextPageUrl);
  assert.deepEqual(sids(second.instances), all.slice(2, 4));
  const third = await second.nextPage();
  assert.equal(third.nextPageUrl, undefined);
  assert.deepEqual(sids((await third.previousPage()).instances), all.slice(2, 4));
  const token = new URL(first.nextPageUrl).searchParams.get("PageToken");
  assert.deepEqual(sids((await lists.page({ pageSize: 2, pageToken: token })).instances), all.slice(2, 4));
  await refused(lists.page({ pageToken: "PAnonsense" }), 400, 21481);
});
