/** One call of Alipay's gateway: signed with the application's key (RSA2), the answer checked with Alipay's. */
import { sign, verify, type KeyObject } from 'node:crypto';
import type { z } from 'zod';
import { jsonOf, PluginFailure, textOf, type HttpReply, type PluginContext } from '@menshen/plugin-kit';
import { failureOf } from './failures';
import { rawMembers } from './raw-members';
import { envelope, outcome } from './replies';

/** An application at Alipay. */
export interface Account {
	appId: string;
	privateKey: KeyObject;
	/** Alipay's, for this application. */
	alipayKey: KeyObject;
}

/** China's time, without a zone: `2026-01-31 08:00:00` */
function timestampOf(now: number): string {
	return new Date(now + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}

/** All parameters but `sign`, sorted by name, unencoded. */
function signedText(params: Readonly<Record<string, string>>): string {
	return Object.entries(params)
		.filter(([name, value]) => name !== 'sign' && value !== '')
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `${name}=${value}`)
		.join('&');
}

/** A part of an answer, read like a whole one. */
const partOf = <T>(reply: HttpReply, raw: string, schema: z.ZodType<T>): T =>
	jsonOf({ ...reply, body: new TextEncoder().encode(raw) }, schema);

/** The node that counts and whether its signature is valid; undefined: it has none. */
function openEnvelope(reply: HttpReply, node: string, key: KeyObject) {
	const { sign: signature } = jsonOf(reply, envelope);
	const members = rawMembers(textOf(reply));
	const failed = members?.has('error_response') ?? false;
	const raw = members?.get(failed ? 'error_response' : node);
	if (raw === undefined) throw new PluginFailure('unavailable', `Alipay answered without ${node}`);
	const holds = signature
		? verify('RSA-SHA256', Buffer.from(raw), key, Buffer.from(signature, 'base64'))
		: undefined;
	return { raw, failed, holds };
}

interface Call {
	method: 'alipay.system.oauth.token' | 'alipay.user.info.share';
	params: Readonly<Record<string, string>>;
}

/**
 * @returns the method's node, after its signature was verified.
 * @throws {PluginFailure} `config` also where the signature is not valid: nearly always the wrong key was pasted.
 */
export async function callGateway<T>(
	{ context, account }: { context: Pick<PluginContext, 'http' | 'now'>; account: Account },
	{ method, params }: Call,
	schema: z.ZodType<T>,
): Promise<T> {
	const unsigned = {
		app_id: account.appId,
		method,
		format: 'JSON',
		charset: 'utf-8',
		sign_type: 'RSA2',
		timestamp: timestampOf(context.now()),
		version: '1.0',
		...params,
	};
	const signature = sign('RSA-SHA256', Buffer.from(signedText(unsigned)), account.privateKey);
	const form = { ...unsigned, sign: signature.toString('base64') };
	const reply = await context.http('gateway', { path: '/gateway.do', form });
	const { raw, failed, holds } = openEnvelope(
		reply,
		`${method.replaceAll('.', '_')}_response`,
		account.alipayKey,
	);
	if (holds === false)
		throw new PluginFailure('config', "the signature of Alipay's answer does not fit the Alipay public key");
	const said = partOf(reply, raw, outcome);
	if (failed || (said.code ?? '10000') !== '10000') throw failureOf(said);
	// A refusal may come unsigned, since all it can do is refuse. No one is signed in by an unsigned answer.
	if (!holds) throw new PluginFailure('unavailable', 'Alipay answered without a signature');
	return partOf(reply, raw, schema);
}
