/** Google's sign-in on this machine: the page, the token endpoint, the keys, with Google's own errors. */
import {
	approvePage,
	isRegistered,
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { backTo, Grants, redemptionIn, type GrantFault } from '../../tests/emulators/grants';
import {
	createIdTokens,
	forgeries,
	forgeryNames,
	wallClock,
	type Forgery,
	type IdTokens,
} from '../../tests/emulators/id-tokens';

export const client = {
	id: '1234567890-menshen.apps.googleusercontent.com',
	secret: 'canary-google-client-secret',
};
export const people: Readonly<Record<string, Record<string, unknown>>> = {
	Mei: {
		sub: '110169484474386276334',
		name: 'Mei Chen',
		picture: 'https://lh3.googleusercontent.com/a/mei',
		email: 'mei.chen@gmail.com',
		email_verified: true,
	},
	Li: {
		sub: '110169484474386276335',
		name: 'Li Wang',
		email: 'li@acme.example',
		email_verified: true,
		hd: 'acme.example',
	},
	// An account that was opened with a mailbox elsewhere.
	Elsewhere: { sub: '110169484474386276336', email: 'someone@mail.example', email_verified: true },
};

const fault = (error: string, description: string, status = 400): Response =>
	Response.json({ error, error_description: description }, { status });

const refusals: Partial<Record<GrantFault, [error: string, description: string]>> = {
	redirect: ['redirect_uri_mismatch', 'Bad Request'],
	verifier: ['invalid_grant', 'Invalid code verifier.'],
};

function authorize(call: EmulatedCall, grants: Grants): Response {
	const asked = call.url.searchParams;
	if (asked.get('client_id') !== client.id) return new Response('Error 401: invalid_client', { status: 401 });
	const needed = ['redirect_uri', 'state', 'nonce', 'code_challenge', 'scope'];
	if (asked.get('response_type') !== 'code' || !needed.every((name) => asked.get(name)))
		return new Response('Error 400: invalid_request', { status: 400 });
	if (!isRegistered(call)) return new Response('Error 400: redirect_uri_mismatch', { status: 400 });
	const back = (answer: Record<string, string>) => backTo(asked, answer);
	const approved = Object.keys(people).map((name) => ({
		name,
		approved: back({
			code: grants.issue({ person: name, asked }),
			scope: asked.get('scope') ?? '',
			authuser: '0',
		}),
	}));
	return approvePage('Google', approved, back({ error: 'access_denied' }));
}

async function token(
	{ form }: EmulatedCall,
	{ grants, idTokens, forgery }: { grants: Grants; idTokens: IdTokens; forgery?: Forgery },
): Promise<Response> {
	if (form.get('client_id') !== client.id)
		return fault('invalid_client', 'The OAuth client was not found.', 401);
	if (form.get('client_secret') !== client.secret) return fault('invalid_client', 'Unauthorized', 401);
	if (form.get('grant_type') !== 'authorization_code')
		return fault('unsupported_grant_type', 'Invalid grant_type');
	const grant = grants.redeem(redemptionIn(form, client.id));
	if (typeof grant === 'string')
		return fault(...(refusals[grant] ?? ['invalid_grant', 'Malformed auth code.']));
	const claims = { iss: 'https://accounts.google.com', azp: client.id, aud: client.id };
	const nonce = grant.asked.get('nonce') ?? '';
	return Response.json({
		access_token: `ya29.canary-${crypto.randomUUID()}`,
		expires_in: 3599,
		scope: grant.asked.get('scope'),
		token_type: 'Bearer',
		id_token: await idTokens.sign({ ...claims, ...people[grant.person], nonce }, forgery),
	});
}

/** @param options for tests: another clock */
export async function startEmulator(port = 0, options: { now?: () => number } = {}): Promise<Emulator> {
	const grants = new Grants('4/0A');
	const idTokens = await createIdTokens(options.now ?? wallClock);
	const at = 'POST /token';
	const forged = forgeryNames.map((name): [string, EmulatedFailure] => [
		name,
		{ at, answer: (call: EmulatedCall) => token(call, { grants, idTokens, forgery: forgeries[name] }) },
	]);
	return startVendor(
		{
			routes: {
				'GET /o/oauth2/v2/auth': (call) => authorize(call, grants),
				[at]: (call) => token(call, { grants, idTokens }),
				'GET /oauth2/v3/certs': () => idTokens.jwks(),
			},
			pages: ['GET /o/oauth2/v2/auth'],
			failures: {
				...Object.fromEntries(forged),
				'invalid_grant Bad Request': { at, answer: () => fault('invalid_grant', 'Bad Request') },
				'invalid_client Unauthorized': { at, answer: () => fault('invalid_client', 'Unauthorized', 401) },
				deleted_client: { at, answer: () => fault('deleted_client', 'The OAuth client was deleted.', 401) },
				redirect_uri_mismatch: { at, answer: () => fault('redirect_uri_mismatch', 'Bad Request') },
				internal_failure: { at, answer: () => new Response('{"error":"internal_failure"}', { status: 500 }) },
			},
			endpoints: { authorize: '/o/oauth2/v2/auth', token: '/token', keys: '/oauth2/v3/certs' },
			config: { clientId: client.id, clientSecret: client.secret },
			forget: () => grants.forget(),
		},
		port,
	);
}
