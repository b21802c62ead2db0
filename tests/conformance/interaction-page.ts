/**
 * The simplest replacement of the sign-in pages: it accepts the username it is given, makes the
 * session as the product does, and goes on through the interactions.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../../src/lib/contract/errors';
import type { EngineApp } from '../../src/lib/server/oidc/engine-app';
import type { Engines } from '../../src/lib/server/oidc/engines';
import type { Visit } from '../../src/lib/server/oidc/interactions/open-interaction';

interface Needs {
	origin: string;
	engines: Engines;
	app(id: number): Promise<EngineApp>;
}

const path = /^\/apps\/(\d+)\/(?:interaction\/([\w-]+)|(account))/;

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
	let text = '';
	for await (const chunk of req) text += String(chunk);
	return new URLSearchParams(text);
}

const seeOther = (res: ServerResponse, location: string) => void res.writeHead(303, { location }).end();

function answerJson(res: ServerResponse, status: number, body: unknown): void {
	res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function signIn(app: EngineApp, res: ServerResponse, username: string) {
	const user = await app.store.read.users.findByIdentifier('username', username);
	if (user?.status !== 'active') throw new Refusal('auth/invalid-credentials');
	const started = await app.store.write((tx) =>
		app.sessions.start(tx, user.id, { amr: ['pwd'], device: 'test', address: '' }),
	);
	const { name, value } = started.cookie;
	res.appendHeader(
		'set-cookie',
		`${name}=${value}; Path=/; HttpOnly${name.startsWith('__') ? '; Secure' : ''}`,
	);
	return started.session;
}

async function show({ engines }: Needs, res: ServerResponse, visit: Visit): Promise<void> {
	const details = await engines.interactions.details(visit);
	if (details.kind === 'login' && details.canContinue)
		return seeOther(res, (await engines.interactions.finishWithSession(visit)).location);
	answerJson(res, 200, details);
}

async function submit(
	{ engines, app }: Needs,
	exchange: { req: IncomingMessage; res: ServerResponse },
	visit: Visit,
): Promise<void> {
	const { req, res } = exchange;
	const { interactions } = engines;
	const form = await readForm(req);
	const decision = form.get('decision');
	if (decision)
		return seeOther(
			res,
			(await interactions.finishConsent(visit, decision === 'allow' ? 'allow' : 'deny')).location,
		);
	if (form.has('abort')) return seeOther(res, (await interactions.abort(visit)).location);
	const session = await signIn(await app(visit.app), res, form.get('identifier') ?? '');
	seeOther(
		res,
		(
			await interactions.finishLogin(visit, {
				userId: session.userId,
				amr: session.amr,
				authTime: session.authTime,
			})
		).location,
	);
}

export function interactionPage(needs: Needs) {
	return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
		const [, id, uid, account] = path.exec(req.url ?? '') ?? [];
		const visit: Visit = { app: Number(id), uid: uid ?? '', cookie: req.headers.cookie ?? null };
		try {
			if (account) {
				await signIn(await needs.app(visit.app), res, (await readForm(req)).get('identifier') ?? '');
				res.writeHead(204).end();
			} else if (!uid) answerJson(res, 404, {});
			else if (req.method === 'POST') await submit(needs, { req, res }, visit);
			else await show(needs, res, visit);
		} catch (error) {
			const code =
				error instanceof Refusal ? error.code : String(error instanceof Error ? error.stack : error);
			answerJson(res, error instanceof Refusal ? error.status : 500, { code });
		}
	};
}
