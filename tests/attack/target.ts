/** The appliance under attack: built, running, with a person and an operator who can be impersonated. */
import { freePort, owner, startAppliance, type RunningAppliance } from '../appliance';
import { cookieHeader, post, send, type Got } from './wire';

export const password = 'correct-horse-battery';

export interface Target {
	appliance: RunningAppliance;
	/** ORIGIN. */
	origin: string;
	/** Where it listens; differs from ORIGIN where that is https. */
	at: string;
	/** Answer of a procedure of the API. Reads are asked by GET. */
	api(procedure: string, call?: ApiCall): Promise<ApiGot>;
	/** Cookie header of a user who signed in on the page. @throws when refused */
	signIn(
		identifier: string,
		options?: { app?: number; secret?: string; headers?: Record<string, string> },
	): Promise<string>;
	/** Cookie header of the owner. */
	owner(): Promise<string>;
	/** Contents that the outbox holds, the newest first. */
	mails(app?: number): Promise<Mail[]>;
	stop(): Promise<void>;
}

export interface Mail {
	to: string;
	purpose: string;
	content: { subject: string; text: string; params: { code?: string } };
}

interface ApiCall {
	input?: unknown;
	app?: number | null;
	headers?: Record<string, string>;
}

export interface ApiGot extends Got {
	data: unknown;
	code: string | undefined;
}

interface Options {
	apply?: string;
	env?: Record<string, string>;
	/** Takes the place of `http://localhost:<port>`; `<port>` is filled in. */
	origin?: string;
	claimed?: boolean;
}

const queries = /\.(get|list|form|methods|watch)$/;
export const app = 4;

/** One app with one client and one person, `alice`. */
export const oneApp = `apps:
  - id: ${app}
    name: Demo
    website: https://demo.example
    clients:
      - { id: web, name: Demo web, secret: a-secret-of-the-client, redirectUris: ['http://127.0.0.1:5555/cb', 'https://rp.example/cb?fixed=1'], postLogoutRedirectUris: ['http://127.0.0.1:5555/bye'] }
      - { id: native, name: Demo native, applicationType: native, redirectUris: ['http://127.0.0.1/cb', 'com.example.app:/cb'] }
    users:
      - { username: alice, email: alice@example.com, emailVerified: true, password: ${password} }
`;

export async function startTarget({
	apply = oneApp,
	env = {},
	origin,
	claimed,
}: Options = {}): Promise<Target> {
	const port = String(await freePort());
	const at = `http://127.0.0.1:${port}`;
	const fixed: Record<string, string> =
		origin === undefined ? {} : { ORIGIN: origin.replace('<port>', port) };
	const appliance = await startAppliance({
		apply,
		env: { PORT: port, ...fixed, ...env },
		...(claimed === undefined ? {} : { claimed }),
	});
	const ownHost = new URL(appliance.origin).host;
	let ownerCookie = '';
	const target: Target = {
		appliance,
		origin: appliance.origin,
		at,
		async api(procedure, { input, app: of = app, headers = {} } = {}) {
			const isQuery = queries.test(procedure);
			const query =
				isQuery && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
			const named: Record<string, string> = of === null ? {} : { 'menshen-app': String(of) };
			const type: Record<string, string> = isQuery ? {} : { 'content-type': 'application/json' };
			const got = await send(at, {
				method: isQuery ? 'GET' : 'POST',
				path: `/trpc/${procedure}${query}`,
				headers: { host: ownHost, ...type, ...named, ...headers },
				...(isQuery ? {} : { body: JSON.stringify(input ?? {}) }),
			});
			return { ...got, ...readAnswer(got.body) };
		},
		async signIn(identifier, { app: at_ = app, secret = password, headers = {} } = {}) {
			const fields = { identifier, password: secret };
			const got = await post(at, `/apps/${at_}/sign-in`, fields, {
				host: ownHost,
				origin: appliance.origin,
				...headers,
			});
			if (got.status !== 303)
				throw new Error(`sign-in was answered with ${got.status}: ${got.body.slice(0, 2000)}`);
			return cookieHeader(got);
		},
		async owner() {
			if (ownerCookie) return ownerCookie;
			const got = await post(at, '/admin/sign-in', owner, { host: ownHost, origin: appliance.origin });
			if (got.status !== 303) throw new Error(`the owner was answered with ${got.status}`);
			return (ownerCookie = cookieHeader(got));
		},
		async mails(of = app) {
			const headers = { cookie: await target.owner() };
			const listed = await target.api('admin.messages.list', { input: { limit: 50 }, app: of, headers });
			const held = (listed.data as { id: string; readable: boolean; status: string }[]) ?? [];
			if (held.some(({ status }) => status === 'queued' || status === 'sending')) {
				await new Promise((again) => setTimeout(again, 30));
				return target.mails(of);
			}
			const opened = held
				.filter(({ readable }) => readable)
				.map(({ id }) => target.api('admin.messages.read', { input: { id }, app: of, headers }));
			return (await Promise.all(opened)).map((got) => got.data as Mail);
		},
		stop: () => appliance.stop(),
	};
	return target;
}

function readAnswer(text: string): { data: unknown; code: string | undefined } {
	try {
		const body = JSON.parse(text) as { result?: { data?: unknown }; error?: { data?: { code?: string } } };
		return { data: body.result?.data, code: body.error?.data?.code };
	} catch {
		return { data: undefined, code: undefined };
	}
}
