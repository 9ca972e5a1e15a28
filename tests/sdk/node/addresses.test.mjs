// Addresses, which live in the older 2010 API.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, makers, newAccount, nobody, refused, sids } from "./support.mjs";

const account = newAccount();
const client = connect(account);
const { address } = makers(client);

test("an address is made, found, changed and deleted", async () => {
  const made = await address({
    friendlyName: "Office",
    streetSecondary: "Hinterhaus",
    emergencyEnabled: true,
    autoCorrectAddress: false,
  });
  assert.deepEqual([made.streetSecondary, made.emergencyEnabled, made.verified], ["Hinterhaus", true, false]);
  assert.ok(made.dateCreated instanceof Date);
  assert.equal(made.uri, `/2010-04-01/Accounts/${account.sid}/Addresses/${made.sid}.json`);
  assert.deepEqual((await client.addresses(made.sid).fetch()).toJSON(), made.toJSON());

  const changes = {
    friendlyName: "Headquarters",
    customerName: "Beispiel AG",
    street: "Beispielweg 2",
    streetSecondary: "3. Stock",
    city: "Potsdam",
    region: "Brandenburg",
    postalCode: "14467",
    emergencyEnabled: false,
  };
  const changed = await client.addresses(made.sid).update({ ...changes, autoCorrectAddress: true });
  for (const [name, value] of Object.entries(changes)) assert.equal(changed[name], value);

  assert.deepEqual(await client.addresses(made.sid).dependentPhoneNumbers.list(), []);
  assert.equal(await client.addresses(made.sid).remove(), true);
  await refused(client.addresses(made.sid).fetch(), 404, 20404);
});

test("addresses are checked and tidied", async () => {
  assert.equal((await address({ postalCode: "D-10115" })).postalCode, "10115");
  await refused(address({ postalCode: "D-10115", autoCorrectAddress: false }), 400, 21629);
  await refused(address({ postalCode: "1011" }), 400, 21628);
  await refused(address({ isoCountry: "ZZ" }), 400, 21238);
  await refused(address({ friendlyName: "x".repeat(65) }), 400, 20002);
});

test("filters and pages", async () => {
  const own = connect(newAccount());
  const make = makers(own).address;
  const berlin = await make({ friendlyName: "Berlin" });
  const erika = await make({ customerName: "Erika Mustermann", emergencyEnabled: true });
  const springfield = await make({ city: "Springfield", region: "CA", postalCode: "94019", isoCountry: "US" });
  for (const [filters, expected] of [
    [{}, [springfield, erika, berlin]],
    [{ customerName: "Erika Mustermann" }, [erika]],
    [{ friendlyName: "Berlin" }, [berlin]],
    [{ isoCountry: "US" }, [springfield]],
    [{ emergencyEnabled: true }, [erika]],
    [{ emergencyEnabled: false, isoCountry: "DE" }, [berlin]],
  ]) {
    assert.deepEqual(sids(await own.addresses.list(filters)), sids(expected), JSON.stringify(filters));
    assert.deepEqual(sids(await own.addresses.list({ ...filters, pageSize: 1 })), sids(expected));
  }
  const first = await own.addresses.page({ pageSize: 2 });
  const second = await own.addresses.getPage(first.nextPageUrl);
  assert.deepEqual(sids(second.instances), [berlin.sid]);
  assert.deepEqual(sids((await second.previousPage()).instances), sids(first.instances));
});

test("unknown addresses and those of others are not found", async () => {
  const made = await address();
  const stranger = connect(newAccount());
  await refused(client.addresses(`AD${nobody}`).fetch(), 404, 20404);
  await refused(stranger.addresses(made.sid).fetch(), 404, 20404);
  await refused(stranger.api.v2010.accounts(account.sid).addresses.list(), 404, 20404);
});
