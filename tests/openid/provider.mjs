// A certified OpenID provider for tests: `node provider.mjs CONFIGURATION.json`, with OIDC_PROVIDER naming its package.
// Whoever `POST /as/ACCOUNT` named last is signed in without being asked; everything else is the provider's own.
import { readFileSync } from "node:fs";

const { default: Provider } = await import(process.env.OIDC_PROVIDER);
const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
let accounts = asked.accounts;
let current = null;

const provider = new Provider(asked.issuer, {
  clients: asked.clients,
  jwks: asked.jwks,
  cookies: { keys: ["only for tests"] },
  acrValues: ["urn:strong"],
  claims: {
    openid: ["sub", "groups", "employee_number"],
    email: ["email", "email_verified"],
    acr: null, auth_time: null, iss: null, sid: null,
  },
  scopes: ["openid", "offline_access", "api"],
  fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own guard knows no city on the loopback
  clientBasedCORS: () => false,
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out, error) => { console.error(error, error.cause); ctx.type = "json"; ctx.body = out; },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => asked.audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "api", audience: resource, accessTokenFormat: "jwt", accessTokenTTL: 600,
      }),
    },
  },
});

for (const event of ["server_error", "grant.error", "backchannel.error", "end_session.error"]) {
  provider.on(event, (ctx, error) => console.error(event, error, error?.cause, error?.error_detail));
}

provider.use(async (ctx, next) => {
  if (ctx.method === "POST" && ctx.path.startsWith("/as/")) {
    current = ctx.path.slice("/as/".length);
    ctx.status = 204;
    return;
  }
  if (ctx.method === "PUT" && ctx.path === "/accounts") {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    accounts = JSON.parse(Buffer.concat(chunks).toString());
    ctx.status = 204;
    return;
  }
  if (!ctx.path.startsWith("/interaction/")) {
    await next();
    return;
  }
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  let result = { login: { accountId: current, acr: accounts[current]?.acr } };
  if (prompt.name === "consent") {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope ?? "");
    grant.addOIDCClaims(["acr", "auth_time", "groups", "employee_number", "email", "email_verified"]);
    grant.addResourceScope(asked.audience, "api");
    result = { consent: { grantId: await grant.save() } };
  }
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
});

provider.listen(asked.port, "127.0.0.1", () => console.log("ready"));
