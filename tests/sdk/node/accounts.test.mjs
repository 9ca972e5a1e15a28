// Accounts and API keys.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, makers, newAccount, nobody, refused, sids } from "./support.mjs";

const account = newAccount();
const client = connect(account);
const accounts = client.api.v2010.accounts;

test("a sub-account is made, found, listed and renamed", async () => {
  const made = await accounts.create({ friendlyName: "Beispiel GmbH" });
  assert.deepEqual([made.friendlyName, made.status, made.type], ["Beispiel GmbH", "active", "Full"]);
  assert.equal(made.ownerAccountSid, account.sid);
  assert.ok(made.dateCreated instanceof Date);
  assert.deepEqual((await accounts(made.sid).fetch()).toJSON(), made.toJSON());
  assert.deepEqual(sids(await accounts.list({ friendlyName: "Beispiel GmbH" })), [made.sid]);
  assert.deepEqual(sids(await accounts.list({ pageSize: 1 })).sort(), [account.sid, made.sid].sort());
  assert.equal((await accounts(made.sid).update({ friendlyName: "Renamed" })).friendlyName, "Renamed");

  const own = connect({ sid: made.sid, token: made.authToken });
  assert.equal((await makers(own).bundle()).accountSid, made.sid);
  await refused(own.api.v2010.accounts.create(), 409, 20409);
  // Third credential: the account that paths begin with.
  const acting = connect(account, { accountSid: made.sid });
  assert.equal((await makers(acting).address()).accountSid, made.sid);
});

test("a sub-account is suspended and closed", async () => {
  const made = await accounts.create();
  assert.match(made.friendlyName, /^SubAccount Created at /);
  const own = connect({ sid: made.sid, token: made.authToken });
  assert.equal((await accounts(made.sid).update({ status: "suspended" })).status, "suspended");
  await refused(own.addresses.list(), 403, 20403);
  await accounts(made.sid).update({ status: "active" });
  assert.deepEqual(await own.addresses.list(), []);
  assert.equal((await accounts(made.sid).update({ status: "closed" })).status, "closed");
  await refused(accounts(made.sid).update({ status: "active" }), 409, 20409);
  await refused(accounts(account.sid).update({ status: "closed" }), 403, 20403);
  await refused(accounts(`AC${nobody}`).fetch(), 404, 20404);
});

test("a key works until it is deleted, but for accounts and keys", async () => {
  const { keys, newKeys } = client.api.v2010.account;
  const key = await newKeys.create({ friendlyName: "Import" });
  const login = connect({ sid: key.sid, token: key.secret }, { accountSid: account.sid });
  assert.equal((await makers(login).bundle()).accountSid, account.sid);
  assert.equal((await makers(login).address()).accountSid, account.sid);
  await refused(login.api.v2010.accounts.list(), 401, 20003);
  await refused(login.api.v2010.account.newKeys.create(), 401, 20003);

  assert.equal((await keys(key.sid).update({ friendlyName: "Renamed" })).friendlyName, "Renamed");
  assert.equal((await keys(key.sid).fetch()).secret, undefined);
  assert.ok(sids(await keys.list({ pageSize: 1 })).includes(key.sid));
  assert.equal(await keys(key.sid).remove(), true);
  await refused(login.addresses.list(), 401, 20003);
  await refused(keys(key.sid).fetch(), 404, 20404);
});
