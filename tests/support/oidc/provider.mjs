// A real OpenID Connect provider (npm oidc-provider) on loopback, for the tests of single sign-on.
//
//   node provider.mjs PORT
//
// Whoever arrives is logged in as `login` (null: turns back). POST /_test changes what it knows.
// Its ID tokens are changed on their way out only where no honest provider gives the fault.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { SignJWT, importJWK } from 'jose';

const port = Number(process.argv[2]);
const issuer = `http://${process.env.ISSUER_HOST || '127.0.0.1'}:${port}`;
const makeKey = (kid) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid, use: 'sig', alg: 'RS256',
});
const [key, stranger] = [makeKey('k1'), makeKey('k1')];
const state = { accounts: {}, login: null, fault: '', away: false, tokenSeconds: 600, seen: [] };
// The server ends with the tests, whatever becomes of them.
setTimeout(() => process.exit(0), 15 * 60 * 1000).unref();
process.stdin.on('end', () => process.exit(0)).resume();

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  clients: [{
    client_id: 'yanxiu', client_secret: 'the-secret-of-yanxiu',
    grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    redirect_uris: (process.env.REDIRECTS || '').split(' '),
  }],
  scopes: ['openid', 'offline_access', 'profile'],
  claims: { profile: ['name', 'teacher_no', 'id_number', 'school_code', 'county_code', 'roles', 'status'] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  cookies: { keys: ['test'] },
  conformIdTokenClaims: true,
  rotateRefreshToken: true,
  ttl: { AccessToken: () => state.tokenSeconds, IdToken: 600, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600 },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, sub) => state.accounts[sub] && { accountId: sub, claims: () => ({ sub, ...state.accounts[sub] }) },
});

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function forge(token) {
  const [head, body, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const sign = async (changed, by = key) => new SignJWT({ ...claims, ...changed })
    .setProtectedHeader({ alg: 'RS256', kid: by.kid }).sign(await importJWK(by));
  const now = Math.floor(Date.now() / 1000);
  switch (state.fault) {
    case 'signature': return `${head}.${body}.${signature.replace(/^.{8}/, 'AAAAAAAA')}`;
    case 'changed body': return `${head}.${encode({ ...claims, sub: 'somebody' })}.${signature}`;
    case 'strange key': return sign({}, stranger);
    case 'alg none': return `${encode({ alg: 'none', kid: 'k1' })}.${body}.`;
    case 'hmac': {
      const text = `${encode({ alg: 'HS256', kid: 'k1' })}.${body}`;
      return `${text}.${createHmac('sha256', 'the-secret-of-yanxiu').update(text).digest('base64url')}`;
    }
    case 'audience': return sign({ aud: 'another' });
    case 'unknown key': return sign({}, { ...stranger, kid: 'k9' });
    case 'two audiences': return sign({ aud: ['yanxiu', 'another'] });
    case 'issuer': return sign({ iss: 'http://127.0.0.1:1' });
    case 'nonce': return sign({ nonce: 'of another login' });
    case 'no nonce': return sign({ nonce: undefined });
    case 'expired': return sign({ iat: now - 900, exp: now - 300 });
    case 'no expiry': return sign({ exp: undefined });
    case 'future': return sign({ iat: now + 900, exp: now + 1800 });
    case 'another subject': return sign({ sub: 'somebody' });
    case 'honest': return sign({});
    default: return token;
  }
}

provider.use(async (ctx, next) => {
  if (ctx.path === '/_test') {
    let body = '';
    for await (const chunk of ctx.req) body += chunk;
    Object.assign(state, JSON.parse(body || '{}'));
    ctx.body = { seen: state.seen };
    return;
  }
  state.seen.push(ctx.path);
  if (state.away) { ctx.status = 502; ctx.body = 'bad gateway'; return; }
  if (ctx.path.startsWith('/interaction/')) {
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    let result;
    if (!state.login) {
      result = { error: 'access_denied', error_description: 'turned back' };
    } else if (prompt.name === 'login') {
      result = { login: { accountId: state.login } };
    } else {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope(params.scope);
      result = { consent: { grantId: await grant.save() } };
    }
    ctx.status = 303;
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true }));
    return;
  }
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token && state.fault) {
    if (state.fault === 'no id token') delete ctx.body.id_token;
    else ctx.body.id_token = await forge(ctx.body.id_token);
  }
});

provider.listen(port, '127.0.0.1', () => console.log(`ready ${issuer}`));
