// What the tests share: accounts, clients, sample objects, and how a refusal is expected.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import twilio from "twilio";

export const url = process.env.DOSSIER_URL;
export const v2 = "/v2/RegulatoryCompliance";
export const repository = new URL("../../../", import.meta.url);

/** The account that rehearsal mode has on every machine. */
export const rehearsal = { sid: "AC00000000000000000000000000000001", token: "00000000000000000000000000000001" };
/** A well-formed identifier that no object has. */
export const nobody = "0".repeat(32);
/** The identifiers of listed regulations are the same everywhere. */
export const germanyLocalBusiness = "RNfd11dde5d4b7252abf96139766f68034";

/** Runs another command of the program on the storage of the service. */
export function command(...args) {
  return execFileSync(process.env.DOSSIER_BIN, [...args, ...JSON.parse(process.env.DOSSIER_STORAGE)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** An account with nothing in it yet. */
export function newAccount() {
  const printed = command("accounts", "create", "SDK tests");
  const [, sid, token] = /TWILIO_ACCOUNT_SID=(\w+)\nTWILIO_AUTH_TOKEN=(\w+)\n/.exec(printed);
  return { sid, token };
}

/** The official SDK. All that it needs to know is the base URL. */
export function connect({ sid, token }, options) {
  const client = twilio(sid, token, options);
  client.numbers.baseUrl = url;
  client.api.baseUrl = url;
  return client;
}

/** Plain HTTP, for what no SDK can send. */
export function http({ sid, token }) {
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`;
  return async (path, init = {}) => {
    const response = await fetch(url + path, { ...init, headers: { authorization, ...init.headers } });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
}

/** The call is refused with this HTTP status and code. */
export async function refused(promise, status, code) {
  await assert.rejects(promise, (error) => {
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    assert.ok(error.message.trim());
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
  });
}

export const sids = (objects) => objects.map((object) => object.sid);

export const company = {
  business_name: "Beispiel GmbH",
  business_registration_number: "HRB 12345",
  business_website: "https://beispiel.example",
  first_name: "Erika",
  last_name: "Mustermann",
  email: "erika@beispiel.example",
};
export const registerExcerpt = { business_name: "Beispiel GmbH", business_registration_number: "HRB 12345" };
export const berlin = {
  customerName: "Beispiel GmbH",
  street: "Musterstraße 1",
  city: "Berlin",
  region: "Berlin",
  postalCode: "10115",
  isoCountry: "DE",
};

/** A sample file of the repository. */
export function sample(path, type) {
  return new Blob([readFileSync(new URL(path, repository))], { type });
}
export const pdf = sample("crates/testkit/files/passport.pdf", "application/pdf");

/** The body of an upload. */
export function multipart(fields, file) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  if (file) body.append("File", file, "scan");
  return { method: "POST", body };
}

/** Sample objects of one account. */
export function makers(client) {
  const compliance = client.numbers.v2.regulatoryCompliance;
  return {
    compliance,
    bundle: (changes) =>
      compliance.bundles.create({
        friendlyName: "Local numbers",
        email: "compliance@beispiel.example",
        regulationSid: germanyLocalBusiness,
        ...changes,
      }),
    endUser: (attributes = company, type = "business") =>
      compliance.endUsers.create({ friendlyName: "Beispiel GmbH", type, attributes }),
    document: (type = "commercial_registrar_excerpt", attributes = registerExcerpt) =>
      compliance.supportingDocuments.create({ friendlyName: "Register excerpt", type, attributes }),
    address: (changes) => client.addresses.create({ ...berlin, ...changes }),
  };
}
