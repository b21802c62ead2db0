import { generateKeyPairSync } from 'node:crypto';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Provider from 'oidc-provider';
import { startAppliance } from '../../conformance/appliance';
import { Browser } from '../../conformance/browser';
import { RelyingParty } from '../../conformance/relying-party';

const secret = 'a-secret-that-is-long-enough';
const appliance = await startAppliance();
await appliance.addApp(4);
await appliance.addUser(4, 'alice', { email: 'alice@example.com', emailVerified: true, roles: ['editor'] });
await appliance.addClient(4, { id: 'web', secret });
const rp = await RelyingParty.discover({ issuer: appliance.issuer(4), id: 'web', secret });
const tokens = await rp.signIn(new Browser(appliance.origin), 'alice', { scope: 'openid profile email offline_access', prompt: 'consent' });

const server = createServer();
await new Promise<void>((r) => server.listen(0, '127.0.0.1', r));
const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const bare = new Provider(origin, {
	jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig' }] } as never,
	cookies: { keys: ['bench'] },
	clients: [{ client_id: 'web', client_secret: secret, redirect_uris: ['https://rp.example/cb'], grant_types: ['authorization_code', 'refresh_token'] }],
	claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
	features: { introspection: { enabled: true, allowedPolicy: () => true }, revocation: { enabled: true } },
	rotateRefreshToken: true, issueRefreshToken: async () => true,
	ttl: { AccessToken: 86400, Grant: 86400, RefreshToken: 86400, Session: 86400, Interaction: 3600, IdToken: 3600, AuthorizationCode: 60 },
	findAccount: (_c: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, name: 'Alice Example', preferred_username: 'alice', email: 'a@b.c', email_verified: true }) }),
} as never);
const bareCb = bare.callback();
server.on('request', bareCb);
const grant = new bare.Grant({ accountId: 'alice', clientId: 'web' });
grant.addOIDCScope('openid profile email offline_access');
const grantId = await grant.save();
const client = await bare.Client.find('web');
const at = new bare.AccessToken({ accountId: 'alice', client, grantId, gty: 'authorization_code', scope: 'openid profile email offline_access' } as never);
const bareToken = await at.save();

function pair(path: string, headers: Record<string, string>, body?: string): [IncomingMessage, ServerResponse, () => number] {
	const req = new IncomingMessage(new Socket());
	req.method = body === undefined ? 'GET' : 'POST';
	req.url = path;
	Object.assign(req.headers, { host: '127.0.0.1' }, headers);
	if (body !== undefined) { req.headers['content-type'] = 'application/x-www-form-urlencoded'; req.headers['content-length'] = String(body.length); req.push(Buffer.from(body)); }
	req.push(null);
	const res = new ServerResponse(req);
	Object.assign(res, { end(t: string) { (res as unknown as { text: string }).text = t; return res; } });
	return [req, res, () => res.statusCode];
}
console.log('limit', Error.stackTraceLimit, process.execArgv);
const basic = `Basic ${Buffer.from(`web:${secret}`).toString('base64')}`;
const N = which0() === 'refresh' ? 50 : 200;
function which0() { return process.argv[2] ?? 'introspection'; }
const cpu = () => { const u = (process as unknown as { threadCpuUsage(): { user: number; system: number } }).threadCpuUsage(); return u.user + u.system; };
type Run = () => Promise<void>;
const which = process.argv[2] ?? 'introspection';
const runs: Record<string, Run> = {};
const must = (status: number) => { if (status !== 200) throw new Error(String(status)); };
if (which === 'introspection') {
	runs['bare'] = async () => { const [q, s, st] = pair('/token/introspection', { authorization: basic }, `token=${bareToken}`); await bareCb(q, s); must(st()); };
	runs['product'] = async () => { const [q, s, st] = pair('/apps/4/oidc/introspection', { authorization: basic }, `token=${tokens.access_token}`); await appliance.engines.dispatch(q, s); must(st()); };
} else if (which === 'refresh') {
	const rt = new bare.RefreshToken({ accountId: 'alice', client, grantId, gty: 'authorization_code', scope: 'openid profile email offline_access' } as never);
	let bareRefresh = await rt.save();
	let refresh = tokens.refresh_token ?? '';
	const form = (t: string) => `grant_type=refresh_token&refresh_token=${t}`;
	const bodyOf = (s: ServerResponse) => JSON.parse(String((s as unknown as { text: string }).text)) as { refresh_token: string };
	runs['bare'] = async () => { const [q, s, st] = pair('/token', { authorization: basic }, form(bareRefresh)); await bareCb(q, s); must(st()); bareRefresh = bodyOf(s).refresh_token; };
	runs['product'] = async () => { const [q, s, st] = pair('/apps/4/oidc/token', { authorization: basic }, form(refresh)); await appliance.engines.dispatch(q, s); must(st()); refresh = bodyOf(s).refresh_token; };
} else {
	runs['bare'] = async () => { const [q, s, st] = pair('/me', { authorization: `Bearer ${bareToken}` }); await bareCb(q, s); must(st()); };
	runs['product'] = async () => { const [q, s, st] = pair('/apps/4/oidc/userinfo', { authorization: `Bearer ${tokens.access_token}` }); await appliance.engines.dispatch(q, s); must(st()); };
}
runs['pair'] = async () => { const [, s] = pair('/token/introspection', { authorization: basic }, `token=${bareToken}`); s.end(); };
if (process.argv[3]) for (const n of Object.keys(runs)) if (n !== process.argv[3]) delete runs[n];
const totals: Record<string, number[]> = {};
for (let round = 0; round < Number(process.argv[4] ?? 60); round += 1)
	for (const [name, run] of Object.entries(runs)) {
		const began = cpu();
		for (let i = 0; i < N; i += 1) await run();
		if (round >= 15) (totals[name] ??= []).push((cpu() - began) / N);
	}
for (const [name, values] of Object.entries(totals)) { values.sort((x, y) => x - y); console.log(name, 'median', values[Math.floor(values.length / 2)]?.toFixed(1), 'best', values[0]?.toFixed(1), 'us'); }
process.exit(0);
