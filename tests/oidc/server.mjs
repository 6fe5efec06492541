// The provider that single sign-on is tested against: oidc-provider as it comes, with people who log
// in without a page, and a door of its own (/control) by which a test says who does, changes keys,
// or spoils what is given for a code.
//
//     node server.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI,...
import { generateKeyPairSync, sign, constants } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const [port, clientId, secret, returns] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
}

// What a test has said.
const state = { sub: 'account-1', amr: undefined, acr: undefined, alg: 'RS256',
  auth: 'client_secret_basic', spoil: undefined, asked: 0, keys: 0, refuse: false,
  returns: returns.split(',') }
let key, serial = 0, provider, callback

function newKey() {
  const [type, options] = kinds[state.alg]
  key = generateKeyPairSync(type, options).privateKey
  serial++
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

// The same token with other claims, signed as the provider would.
function spoil(token) {
  const [head, claims] = token.split('.').slice(0, 2)
    .map((text) => JSON.parse(Buffer.from(text, 'base64url')))
  const text = `${part({ ...head, ...state.spoil.head })}.${part({ ...claims, ...state.spoil.claims })}`
  const options = { RS256: { key }, PS256: { key, padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32 }, ES256: { key, dsaEncoding: 'ieee-p1363' }, EdDSA: { key } }[state.alg]
  const signature = sign(state.alg === 'EdDSA' ? null : 'sha256', Buffer.from(text), options)
  return `${text}.${state.spoil.unsigned ? '' : signature.toString('base64url')}`
}

function start() {
  provider = new Provider(issuer, {
    clients: [{
      client_id: clientId, client_secret: secret, redirect_uris: state.returns,
      id_token_signed_response_alg: state.alg, token_endpoint_auth_method: state.auth,
    }],
    jwks: { keys: [{ ...key.export({ format: 'jwk' }), kid: `key-${serial}`, use: 'sig' }] },
    enabledJWA: { idTokenSigningAlgValues: Object.keys(kinds) },
    clientAuthMethods: [state.auth],
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'] },
    cookies: { keys: ['only a test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId, accountId: ctx.oidc.session.accountId })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
  })
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path === '/jwks') state.keys++
    if (ctx.path !== '/token') return
    state.asked++
    if (state.spoil && ctx.body?.id_token) {
      ctx.body.id_token = spoil(ctx.body.id_token)
      ctx.body = { ...ctx.body, ...state.spoil.body }
    }
  })
  callback = provider.callback()
}

async function interact(request, response) {
  await provider.interactionDetails(request, response)
  const result = state.refuse
    ? { error: 'access_denied', error_description: 'turned back' }
    : { login: { accountId: state.sub, amr: state.amr, acr: state.acr, remember: true } }
  await provider.interactionFinished(request, response, result)
}

function control(request, response) {
  let text = ''
  request.on('data', (chunk) => { text += chunk })
  request.on('end', () => {
    const told = JSON.parse(text || '{}')
    Object.assign(state, told, told.returns && { returns: [...state.returns, ...told.returns] })
    if (told.alg || told.auth || told.rotate || told.returns) {
      if (told.alg || told.rotate) newKey()
      start()
    }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(state))
  })
}

newKey()
start()
createServer((request, response) => {
  if (request.url === '/control') control(request, response)
  else if (request.url.startsWith('/interaction/'))
    interact(request, response).catch((error) => { response.statusCode = 500; response.end(String(error)) })
  else callback(request, response)
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
