/** What the vendors' own software – on a phone, in a mini program – hands to a program that may ask for it. */
import { createHash, randomUUID } from 'node:crypto';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';

export type Person = 'Mei' | 'Li';
export interface Ticket {
	ticket: string;
	params?: Record<string, string>;
}

type Query = Readonly<Record<string, string>>;

async function ask(vendor: Emulator, path: string, query: Query): Promise<string> {
	const answer = await fetch(`${vendor.url}${path}?${new URLSearchParams(query).toString()}`);
	if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
	return answer.text();
}

async function askForCode(vendor: Emulator, path: string, query: Query): Promise<Ticket> {
	const { code, authCode } = JSON.parse(await ask(vendor, path, query)) as Record<string, string>;
	return { ticket: code ?? authCode ?? '' };
}

const wechat = (vendor: Emulator, person: string) =>
	askForCode(vendor, '/phone/login', { person: person.toLowerCase() });

/** `dd.requestAuthCode`: the person is in the company, as far as DingTalk is concerned. */
export const dingtalkCode = (vendor: Emulator, { as, corpId }: { as: string; corpId: string }) =>
	askForCode(vendor, '/client/requestAuthCode', { clientId: String(vendor.config['clientId']), corpId, as });

/** Apple's SDK: the app names a nonce by its digest, and keeps it. */
export async function appleToken(vendor: Emulator, query: Query): Promise<Required<Ticket>> {
	const nonce = randomUUID();
	const hashed = createHash('sha256').update(nonce).digest('hex');
	return { ticket: await ask(vendor, '/native', { ...query, nonce: hashed }), params: { nonce } };
}

/** By connector. */
export const giveTicket: Readonly<Record<string, (vendor: Emulator, person: Person) => Promise<Ticket>>> = {
	'wechat-app': wechat,
	'wechat-miniprogram': wechat,
	dingtalk: (vendor, as) => dingtalkCode(vendor, { as, corpId: String(vendor.config['corpId']) }),
	alipay: (vendor, as) =>
		askForCode(vendor, '/client/getAuthCode', { appId: String(vendor.config['miniAppId']), as }),
	apple: (vendor, person) => appleToken(vendor, { person }),
};
