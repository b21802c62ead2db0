/** The engine with nothing around it: its own in-memory storage and development pages, the same features on. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const alg = process.argv[2] === 'ES256' ? 'ES256' : 'RS256';
const { privateKey } =
	alg === 'ES256'
		? generateKeyPairSync('ec', { namedCurve: 'P-256' })
		: generateKeyPairSync('rsa', { modulusLength: 2048 });
const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const keys = [{ ...privateKey.export({ format: 'jwk' }), alg, use: 'sig' }];
if (alg !== 'RS256') keys.push({ ...other.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' });

const provider = new Provider(issuer, {
	jwks: { keys },
	cookies: { keys: ['bench'] },
	clients: [
		{
			client_id: 'web',
			client_secret: 'a-secret-that-is-long-enough',
			redirect_uris: ['https://rp.example/cb'],
			grant_types: ['authorization_code', 'refresh_token'],
			id_token_signed_response_alg: alg,
		},
	],
	claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
	scopes: ['openid', 'offline_access'],
	features: { introspection: { enabled: true, allowedPolicy: () => true }, revocation: { enabled: true } },
	pkce: { required: () => true },
	rotateRefreshToken: true,
	issueRefreshToken: () => true,
	ttl: {
		AccessToken: 86400,
		AuthorizationCode: 60,
		Grant: 86400,
		IdToken: 3600,
		Interaction: 3600,
		RefreshToken: 86400,
		Session: 86400,
	},
	clientBasedCORS: () => false,
	findAccount: (_ctx, id) => ({
		accountId: id,
		claims: () => ({
			sub: id,
			name: 'Alice Example',
			preferred_username: 'alice',
			email: 'alice@example.com',
			email_verified: true,
		}),
	}),
});
server.on('request', provider.callback());
process.send({ issuer });
process.on('message', () => process.send(process.memoryUsage()));
process.on('disconnect', () => process.exit(0));
