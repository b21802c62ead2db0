import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../../contract/errors';
import { readTicket } from './ticket-text';

const part = (value: string) => Buffer.from(value).toString('base64url');
const [header, payload] = [part('{"alg":"RS256"}'), part('{"sub":"mei"}')];
const signature = Buffer.from([1, 2, 3, 4]).toString('base64url');
const signed = `${header}.${payload}.${signature}`;

function codeOf(ticket: string): string {
	try {
		return readTicket(ticket).key;
	} catch (error) {
		return (error as Refusal).code;
	}
}

describe('a ticket', () => {
	it.each(['code-1', '0123456789abcdef', 'a.b', 'a.b.c', `${part('{}')}.b.c`, `${part('[]')}.b.c`, '..'])(
		'%s is a code, and is itself',
		(code) => expect(readTicket(` ${code}\n`)).toEqual({ text: code, key: code, signed: false }),
	);

	it('that is signed is remembered by its signed part, whatever the signature', () => {
		const key = `${header}.${payload}`;
		expect(readTicket(`\t${signed} `)).toEqual({ text: signed, key, signed: true });
		expect(readTicket(`${key}.${part('twin')}`).key).toBe(key);
	});

	it.each([
		['a space within', signed.replace(signature, `${signature.slice(0, 2)} ${signature.slice(2)}`)],
		['bits beyond the end', `${signed.slice(0, -1)}B`],
		['padding', `${signed}==`],
		['a sign that is skipped', `${signed}*`],
		['the other alphabet', `${header}.${payload}.${Buffer.from([255, 239]).toString('base64')}`],
		['a space in its header', `${header.slice(0, 3)} ${header.slice(3)}.${payload}.${signature}`],
		['a space in its payload', `${header}.${payload.slice(0, 3)}\u00a0${payload.slice(3)}.${signature}`],
	])('that was signed and has %s is refused', (_, ticket) => {
		expect(ticket).not.toBe(signed);
		expect(codeOf(ticket)).toBe('auth/not-accepted');
	});
});
