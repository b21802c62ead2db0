/**
 * A receiver of webhooks as an operator would write one from the README: it checks time and signature with its own
 * code, accepts each id once, and keeps what it received.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import {
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { Freshness, Inbox, realTime, type ReceivedMessage } from '@menshen/plugin-kit/inbox';

const secret = 'emulated-webhook-secret-0123456789';

const answer = (status: number, headers: Record<string, string> = {}) =>
	new Response('', { status, headers });

function isSigned({ headers, text }: EmulatedCall): boolean {
	const given = Buffer.from(headers.get('menshen-signature') ?? '', 'utf8');
	const signed = `${headers.get('menshen-timestamp')}.${text}`;
	const expected = Buffer.from(createHmac('sha256', secret).update(signed, 'utf8').digest('hex'), 'utf8');
	return given.length === expected.length && timingSafeEqual(given, expected);
}

interface Content {
	type: string;
	id: string;
	channel: 'email' | 'sms';
	purpose: string;
	to: string;
	subject?: string;
	text: string;
	html?: string;
	params: Record<string, string>;
	locale: string;
}

function messageOf(content: Content): ReceivedMessage {
	const { channel, to, subject, text, html, params, id, purpose, locale } = content;
	const mail = channel === 'email' ? { subject: subject ?? '', ...(html ? { html } : {}) } : {};
	return { channel, to, ...mail, text, params, facts: { id, purpose, locale } };
}

function take({ headers, json }: EmulatedCall, inbox: Inbox, seen: Freshness): Response {
	const content = json as Content | null | undefined;
	if (content?.id !== headers.get('menshen-id')) return answer(400);
	if (content.type === 'test') return answer(200);
	if (content.type !== 'message' || !content.to || !content.text) return answer(422);
	// A repeated message is not delivered again, and is answered as accepted.
	if (!seen.use(content.id)) return answer(200);
	return Response.json({ reference: `mine-${inbox.add(messageOf(content))}` }, { status: 202 });
}

const failures: Readonly<Record<string, EmulatedFailure>> = {
	'401 wrong signature': { answer: () => answer(401) },
	'404 no such address': { answer: () => answer(404) },
	'308 moved': { answer: () => answer(308, { location: 'https://elsewhere.example/' }) },
	'408 half a request': { answer: () => answer(408) },
	'422 no such recipient': { answer: () => answer(422) },
	'429 too many': { answer: () => answer(429, { 'retry-after': '30' }) },
	'500 broken': { answer: () => answer(500) },
	'503 later': { answer: () => answer(503, { 'retry-after': '30' }) },
	'503 for whatever reason': { answer: () => answer(503) },
};

/** @param now milliseconds since 1970, which the timestamps of requests are held against */
export async function startEmulator(port = 0, now = realTime): Promise<Emulator> {
	const inbox = new Inbox();
	const freshness = new Freshness(now, 900_000);
	const config: Record<string, string> = { secret };
	const parts = {
		routes: {
			...inbox.routes,
			'POST /hook': (call: EmulatedCall) => {
				const at = Number(call.headers.get('menshen-timestamp') ?? NaN) * 1000;
				if (!freshness.isFresh(at) || !isSigned(call)) return answer(401);
				return take(call, inbox, freshness);
			},
		},
		pages: inbox.pages,
		failures,
		endpoints: { receiver: '/hook' },
		config,
		forget() {
			inbox.forget();
			freshness.forget();
		},
	};
	const vendor = await startVendor(parts, port);
	// The address is known only now, and it is one of the settings.
	config['url'] = `${vendor.url}/hook`;
	return vendor;
}
