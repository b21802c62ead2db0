/** Every load, action and endpoint of the console refuses a call without a session, made as SvelteKit makes it. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isActionFailure, isRedirect } from '@sveltejs/kit';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
/** Open without a session, since operators sign in there. */
const open = ['sign-in/+page.server.ts'];

type Door = (event: unknown) => unknown;
interface RouteModule {
	load?: Door;
	actions?: Record<string, Door>;
	[name: string]: unknown;
}

const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
	.filter((file) => /\+(?:page|layout)\.server\.ts$|\+server\.ts$/.test(file))
	.filter((file) => !open.includes(file));

/** Services must not be touched before the access check. */
const untouchable = new Proxy(
	{ log: { debug: () => undefined, error: () => undefined } },
	{
		get(target, name) {
			if (name in target) return target[name as keyof typeof target];
			throw new Error(`reached ${String(name)} without a session`);
		},
	},
);

function stranger(path: string) {
	const url = new URL(`http://console.invalid/${path}?search=x`);
	return {
		url,
		params: { app: '1', user: 'u', client: 'c', plugin: 'smtp', message: 'm' },
		request: new Request(url, { method: 'POST', body: new URLSearchParams({ id: 'x' }) }),
		cookies: untouchable,
		setHeaders: () => undefined,
		locals: {
			appliance: untouchable,
			locale: 'en',
			requestId: 'r',
			visitor: {},
			currentOperator: async () => undefined,
			app: async () => {
				throw new Error('reached the app without a session');
			},
		},
	};
}

const answerOf = async (door: Door, path: string): Promise<unknown> => {
	try {
		return await door(stranger(path));
	} catch (thrown) {
		return thrown;
	}
};

const modules = await Promise.all(
	files.map(async (file) => ({
		file,
		module: (await import(/* @vite-ignore */ join(here, file))) as RouteModule,
	})),
);

describe('the console, without a session', () => {
	it('has all its entry points found', () => expect(files.length).toBeGreaterThan(25));

	const loads = modules.flatMap(({ file, module }) => (module.load ? [{ file, load: module.load }] : []));
	it.each(loads)('$file sends to the sign-in page', async ({ file, load }) => {
		const answer = await answerOf(load, file);
		expect(isRedirect(answer) && answer.location).toMatch(/^\/admin\/sign-in\?next=%2F/);
	});

	const actions = modules.flatMap(({ file, module }) =>
		Object.entries(module.actions ?? {}).map(([name, action]) => ({ file, name, action })),
	);
	it.each(actions)('$file ?/$name refuses', async ({ file, action }) => {
		const answer = await answerOf(action, file);
		expect(isActionFailure(answer) && answer.status).toBe(401);
	});

	const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'fallback'];
	const endpoints = modules.flatMap(({ file, module }) =>
		methods.flatMap((method) =>
			typeof module[method] === 'function' ? [{ file, method, door: module[method] as Door }] : [],
		),
	);
	it.each(endpoints)('$file $method refuses', async ({ file, door }) => {
		const answer = await answerOf(door, file);
		expect(answer instanceof Response && answer.status).toBe(401);
	});

	it('exports nothing else that Kit would call', () => {
		const known = new Set(['load', 'actions', ...methods]);
		const strange = modules.flatMap(({ file, module }) =>
			Object.keys(module)
				.filter((name) => !known.has(name))
				.map((name) => `${relative('.', file)}: ${name}`),
		);
		expect(strange).toEqual([]);
	});
});
