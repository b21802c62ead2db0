/**
 * A phone on this machine, as a page, for trying things out by hand: it confirms or declines what the sign-in page
 * lets people scan, and plays the apps and mini programs that bring a vendor's ticket.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeHtml, type Emulator } from '../../src/lib/plugin-kit/emulator';
import { giveTicket, type Person, type Ticket } from './tickets';

export interface PhoneOptions {
	/** Of the appliance. */
	origin: string;
	app: number;
	/** By connector. */
	vendors: Readonly<Record<string, Emulator>>;
	port?: number;
}

export interface Phone {
	url: string;
	close(): Promise<void>;
}

const people: readonly Person[] = ['Mei', 'Li'];
const scanner = 'wechat-miniprogram';

/** The key in the code that was drawn last. */
function lastKey(vendor: Emulator | undefined): string {
	const { drawn } = (vendor ?? { drawn: [] }) as unknown as { drawn: readonly string[] };
	const text = drawn.at(-1) ?? '';
	const query = new URLSearchParams(text.replace(/^[^?]*\?/, ''));
	return query.get('signinKey') ?? query.get('signinkey') ?? text;
}

async function call({ origin, app }: PhoneOptions, procedure: string, input: object): Promise<string> {
	const headers = {
		'content-type': 'application/json',
		'menshen-app': String(app),
		'menshen-session': 'token',
	};
	const answer = await fetch(`${origin}/trpc/${procedure}`, {
		method: 'POST',
		headers,
		body: JSON.stringify(input),
	});
	return `${procedure}: ${answer.status} ${await answer.text()}`;
}

async function act(options: PhoneOptions, form: URLSearchParams): Promise<string> {
	const [connector, key] = [form.get('connector') ?? '', form.get('key') ?? ''];
	if (form.get('act') === 'decline') return call(options, 'auth.scan.deny', { key });
	const vendor = options.vendors[connector];
	const give = giveTicket[connector];
	if (!vendor || !give) return 'There is no such program.';
	const ticket: Ticket = await give(vendor, form.get('person') === 'Li' ? 'Li' : 'Mei');
	if (form.get('act') === 'sign-in') return call(options, 'auth.signInWithTicket', { connector, ...ticket });
	await call(options, 'auth.scan.open', { key });
	return call(options, 'auth.scan.confirm', { key, ...ticket });
}

const button = (text: string, fields: Readonly<Record<string, string>>): string => {
	const hidden = Object.entries(fields).map(
		([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
	);
	return `<form method="post">${hidden.join('')}<button>${escapeHtml(text)}</button></form>`;
};

function pageOf({ vendors }: PhoneOptions, told: string): string {
	const key = lastKey(vendors[scanner]);
	const confirm = people.map((person) =>
		button(`Confirm as ${person}`, { act: 'confirm', connector: scanner, key, person }),
	);
	const scanned = key
		? [...confirm, button('Decline', { act: 'decline', key })]
		: ['<p>Nothing to scan.</p>'];
	const programs = Object.keys(vendors)
		.filter((connector) => connector in giveTicket)
		.flatMap((connector) =>
			people.map((person) =>
				button(`${connector}: sign in as ${person}`, { act: 'sign-in', connector, person }),
			),
		);
	const head =
		'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Phone</title>';
	return `${head}<h1>Phone</h1><p role="status">${escapeHtml(told)}</p><h2>The code that was shown last</h2>${scanned.join('')}<h2>Apps and mini programs</h2>${programs.join('')}`;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
	let body = '';
	for await (const chunk of request) body += String(chunk);
	return new URLSearchParams(body);
}

export async function startPhone(options: PhoneOptions): Promise<Phone> {
	const server = createServer((request, response) => {
		const answer = async () => {
			const told = request.method === 'POST' ? await act(options, await readForm(request)) : '';
			response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pageOf(options, told));
		};
		answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
	});
	await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async close() {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}
