/** Facebook on this machine: the login dialog, the Graph API's token call and `/me`, with its numbered errors. */
import { createHmac, randomUUID } from 'node:crypto';
import {
	approvePage,
	isRegistered,
	startVendor,
	type EmulatedCall,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { backTo, Grants, type GrantFault } from '../../tests/emulators/grants';

export const app = { id: '1029384756', secret: 'canary-facebook-app-secret' };
export const people: Readonly<Record<string, Record<string, unknown>>> = {
	Mei: {
		id: '10150000000000001',
		name: 'Mei Chen',
		email: 'mei@example.com',
		picture: { data: { url: 'https://platform-lookaside.fbsbx.com/mei.jpg', is_silhouette: false } },
	},
	// Signed up with a phone number: no email.
	Li: {
		id: '10150000000000002',
		name: '王力',
		picture: { data: { url: 'https://platform-lookaside.fbsbx.com/nobody.jpg', is_silhouette: true } },
	},
};

interface Fault {
	message: string;
	code: number;
	subcode?: number;
	type?: string;
	status?: number;
}
function fault({ message, code, subcode, type = 'OAuthException', status = 400 }: Fault): Response {
	const error = { message, type, code, ...(subcode ? { error_subcode: subcode } : {}), fbtrace_id: 'Atrace' };
	return Response.json({ error }, { status });
}

const faults: Record<GrantFault, Fault> = {
	unknown: { message: 'Invalid verification code format.', code: 100 },
	used: { message: 'This authorization code has been used.', code: 100, subcode: 36009 },
	expired: { message: 'This authorization code has expired.', code: 100, subcode: 36007 },
	client: { message: 'Error validating verification code.', code: 100 },
	redirect: {
		message: 'Error validating verification code. Please make sure your redirect_uri is identical.',
		code: 100,
		subcode: 36008,
	},
	verifier: { message: 'Invalid verification code format.', code: 100 },
};

function dialog(call: EmulatedCall, grants: Grants): Response {
	const asked = call.url.searchParams;
	if (asked.get('client_id') !== app.id) return new Response('Invalid App ID', { status: 400 });
	if (!isRegistered(call))
		return new Response(
			"URL Blocked: the redirect URI is not whitelisted in the app's Client OAuth Settings.",
			{
				status: 400,
			},
		);
	const back = (answer: Record<string, string>) => {
		const to = backTo(asked, answer);
		// Facebook adds a fragment of its own.
		to.hash = '_=_';
		return to;
	};
	const approved = Object.keys(people).map((name) => ({
		name,
		approved: back({ code: grants.issue({ person: name, asked }) }),
	}));
	const cancelled = back({
		error: 'access_denied',
		error_code: '200',
		error_description: 'Permissions error',
		error_reason: 'user_denied',
	});
	return approvePage('Facebook', approved, cancelled);
}

class Graph {
	readonly grants = new Grants('AQ');
	readonly #bearers = new Map<string, string>();

	forget(): void {
		this.grants.forget();
		this.#bearers.clear();
	}

	token({ url: { searchParams: asked } }: EmulatedCall): Response {
		if (asked.get('client_id') !== app.id)
			return fault({ message: 'Error validating application. Invalid application ID.', code: 101 });
		if (asked.get('client_secret') !== app.secret)
			return fault({ message: 'Error validating client secret.', code: 1 });
		if (asked.get('grant_type') === 'client_credentials')
			return Response.json({ access_token: `${app.id}|canary-app-token`, token_type: 'bearer' });
		const grant = this.grants.redeem({
			code: asked.get('code') ?? '',
			clientId: app.id,
			redirectUri: asked.get('redirect_uri') ?? '',
		});
		if (typeof grant === 'string') return fault(faults[grant]);
		const token = `EAAcanary${randomUUID()}`;
		this.#bearers.set(token, grant.person);
		return Response.json({ access_token: token, token_type: 'bearer', expires_in: 5_183_944 });
	}

	me({ url: { searchParams: asked } }: EmulatedCall): Response {
		const token = asked.get('access_token') ?? '';
		const person = this.#bearers.get(token);
		if (!person) return fault({ message: 'Invalid OAuth access token.', code: 190, status: 401 });
		if (asked.get('appsecret_proof') !== createHmac('sha256', app.secret).update(token).digest('hex'))
			return fault({
				message: 'Invalid appsecret_proof provided in the API argument',
				code: 100,
				type: 'GraphMethodException',
			});
		const fields = (asked.get('fields') ?? 'id,name').split(',').map((field) => field.replace(/\..*$/, ''));
		const known = Object.entries(people[person] ?? {}).filter(([name]) => fields.includes(name));
		return Response.json(Object.fromEntries(known));
	}
}

export async function startEmulator(port = 0): Promise<Emulator> {
	const graph = new Graph();
	const [token, me] = ['GET /v24.0/oauth/access_token', 'GET /v24.0/me'] as const;
	const at = (route: string, what: Fault) => ({ at: route, answer: () => fault(what) });
	return startVendor(
		{
			routes: {
				'GET /v24.0/dialog/oauth': (call) => dialog(call, graph.grants),
				[token]: (call) => graph.token(call),
				[me]: (call) => graph.me(call),
			},
			pages: ['GET /v24.0/dialog/oauth'],
			failures: {
				'1 Error validating client secret': at(token, {
					message: 'Error validating client secret.',
					code: 1,
				}),
				'1 unknown error': at(token, { message: 'An unknown error occurred', code: 1, status: 500 }),
				'2 service temporarily unavailable': at(token, {
					message: 'Service temporarily unavailable',
					code: 2,
					status: 503,
				}),
				'4 application request limit reached': at(me, {
					message: 'Application request limit reached',
					code: 4,
					status: 403,
				}),
				'100/36007 code has expired': at(token, faults.expired),
				'100/36008 another redirect_uri': at(token, faults.redirect),
				'100/36009 code has been used': at(token, faults.used),
				'101 invalid application ID': at(token, { message: 'Error validating application.', code: 101 }),
				'190 invalid access token': at(me, {
					message: 'Invalid OAuth access token.',
					code: 190,
					status: 401,
				}),
				'191 redirect_uri is not allowed': at(token, {
					message: "The domain of this URL isn't included",
					code: 191,
				}),
				'200 permissions error': at(me, { message: 'Permissions error', code: 200, status: 403 }),
				'100 invalid appsecret_proof': at(me, {
					message: 'Invalid appsecret_proof provided in the API argument',
					code: 100,
					type: 'GraphMethodException',
				}),
			},
			endpoints: { authorize: '/v24.0/dialog/oauth', graph: '/v24.0' },
			config: { appId: app.id, appSecret: app.secret },
			forget: () => graph.forget(),
		},
		port,
	);
}
