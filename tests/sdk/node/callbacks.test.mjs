// Status callbacks, as an application takes them that is built on the official SDK.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import twilio from "twilio";
import { berlin, connect, http, makers, multipart, newAccount, pdf, registerExcerpt, v2 } from "./support.mjs";

const account = newAccount();
const make = makers(connect(account));

/** A web server that answers 204, and the requests that come. */
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    response.writeHead(204).end();
    server.emit("callback", { request, params: Object.fromEntries(new URLSearchParams(body)) });
  });
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());

test("the validator of the SDK accepts callbacks", async () => {
  const url = `http://127.0.0.1:${server.address().port}/hook?shop=7&name=J%C3%B6rg`;
  const bundle = await make.bundle({ statusCallback: `${url}#rc=2` });
  const address = await make.address(berlin);
  const attributes = JSON.stringify({ ...registerExcerpt, address_sids: [address.sid] });
  const fields = { FriendlyName: "Register excerpt", Type: "commercial_registrar_excerpt", Attributes: attributes };
  const excerpt = await http(account)(`${v2}/SupportingDocuments`, multipart(fields, pdf));
  const company = await make.endUser();
  for (const objectSid of [company.sid, excerpt.body.sid]) {
    await make.compliance.bundles(bundle.sid).itemAssignments.create({ objectSid });
  }
  const arrived = once(server, "callback");
  await make.compliance.bundles(bundle.sid).update({ status: "pending-review" });

  const [{ request, params }] = await arrived;
  assert.deepEqual(params, { AccountSid: account.sid, BundleSid: bundle.sid, Status: "pending-review" });
  // As frameworks put it together: from the Host header and the path.
  const called = `http://${request.headers.host}${request.url}`;
  assert.equal(called, url);
  const signature = request.headers["x-twilio-signature"];
  assert.ok(twilio.validateRequest(account.token, signature, called, params));
  assert.ok(!twilio.validateRequest(account.token, signature, called, { ...params, Status: "twilio-approved" }));
  assert.ok(!twilio.validateRequest("0".repeat(32), signature, called, params));
  assert.match(request.headers["i-twilio-idempotency-token"], /^WD[0-9a-f]{32}$/);
});
