/**
 * The second half of a trial sign-in: what came back, the code for tokens, the ID token checked as a relying party
 * has to (OIDC Core §3.1.3.7), and userinfo. Each step is reported as it ends; a step that fails is the last.
 */
import {
	createLocalJWKSet,
	decodeProtectedHeader,
	jwtVerify,
	type JSONWebKeySet,
	type JWTPayload,
} from 'jose';
import type { Trial } from './begin';

export const stepNames = ['discovery', 'authorization', 'return', 'token', 'idToken', 'userinfo'] as const;
export type StepName = (typeof stepNames)[number];

export interface Told {
	ok: boolean;
	/** What was sent, as text. */
	request?: string;
	/** What came back, as text. */
	response?: string;
	/** Parts of a token, decoded. */
	header?: string;
	claims?: string;
	/** Duration in ms. */
	ms?: number;
	/** The error, as the other side gave it. */
	error?: string;
}

export type Tell = (step: StepName, told: Told) => void;

const pretty = (value: unknown) => JSON.stringify(value, null, 2);
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const problem = (error: unknown) => (error instanceof Error ? error.message : String(error));

class Stopped extends Error {}

interface Exchange {
	request: string;
	response: string;
	body: Record<string, unknown>;
	ok: boolean;
	status: number;
	ms: number;
}

async function call(url: string, init: RequestInit, shown: string): Promise<Exchange> {
	const from = performance.now();
	const answer = await window.fetch(url, { ...init, credentials: 'omit' });
	const text = await answer.text();
	const body = parse(text);
	return {
		request: shown,
		response: `HTTP ${answer.status}\n\n${body ? pretty(body) : text}`,
		body: body ?? {},
		ok: answer.ok,
		status: answer.status,
		ms: Math.round(performance.now() - from),
	};
}

function parse(text: string): Record<string, unknown> | undefined {
	try {
		return JSON.parse(text) as Record<string, unknown>;
	} catch {
		return undefined;
	}
}

/** Reported unchanged; a refusal by the other side ends the trial. */
function tellCall(tell: Tell, step: StepName, exchange: Exchange): Exchange {
	const error = exchange.ok
		? undefined
		: [exchange.body['error'], exchange.body['error_description']].filter(Boolean).join(': ');
	tell(step, {
		ok: exchange.ok,
		request: exchange.request,
		response: exchange.response,
		ms: exchange.ms,
		...(exchange.ok ? {} : { error: error || `HTTP ${exchange.status}` }),
	});
	if (!exchange.ok) throw new Stopped();
	return exchange;
}

function checkReturn(trial: Trial, query: URLSearchParams, tell: Tell): string {
	const response = pretty(Object.fromEntries(query));
	const fail = (error: string) => {
		tell('return', { ok: false, response, error });
		throw new Stopped();
	};
	const refused = query.get('error');
	if (refused) fail([refused, query.get('error_description')].filter(Boolean).join(': '));
	if (query.get('state') !== trial.state) fail('state does not match');
	// RFC 9207: an answer names its issuer.
	if (query.get('iss') !== trial.metadata.issuer) fail(`iss is not ${trial.metadata.issuer}`);
	tell('return', { ok: true, response });
	return query.get('code') ?? '';
}

async function exchangeCode(trial: Trial, code: string, tell: Tell): Promise<Record<string, unknown>> {
	const body = new URLSearchParams({
		grant_type: 'authorization_code',
		code,
		redirect_uri: trial.redirectUri,
		client_id: trial.clientId,
		code_verifier: trial.verifier,
	});
	const shown = `POST ${trial.metadata.token_endpoint}\n\n${[...body].map(([name, value]) => `${name}=${value}`).join('\n')}`;
	const exchange = await call(trial.metadata.token_endpoint, { method: 'POST', body }, shown);
	return tellCall(tell, 'token', exchange).body;
}

async function checkIdToken(trial: Trial, token: string, tell: Tell): Promise<JWTPayload> {
	const keys = await call(trial.metadata.jwks_uri, {}, `GET ${trial.metadata.jwks_uri}`);
	const header = pretty(decodeProtectedHeader(token));
	const { payload } = await jwtVerify(token, createLocalJWKSet(keys.body as unknown as JSONWebKeySet), {
		issuer: trial.metadata.issuer,
		audience: trial.clientId,
	});
	if (payload['nonce'] !== trial.nonce) throw new Error('nonce does not match');
	tell('idToken', { ok: true, request: keys.request, header, claims: pretty(payload), ms: keys.ms });
	return payload;
}

async function readUserinfo(trial: Trial, accessToken: string, tell: Tell): Promise<Record<string, unknown>> {
	const { userinfo_endpoint: url } = trial.metadata;
	const shown = `GET ${url}\nAuthorization: Bearer ${accessToken}`;
	return tellCall(
		tell,
		'userinfo',
		await call(url, { headers: { authorization: `Bearer ${accessToken}` } }, shown),
	).body;
}

/** Runs a step whose failure has not been reported yet. */
async function orTell<T>(step: StepName, tell: Tell, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof Stopped)) tell(step, { ok: false, error: problem(error) });
		throw new Stopped();
	}
}

/** @returns whether every step went well */
export async function finish(trial: Trial, query: URLSearchParams, tell: Tell): Promise<boolean> {
	tell('discovery', {
		ok: true,
		request: `GET ${trial.issuer}/.well-known/openid-configuration`,
		response: pretty(trial.metadata),
		ms: trial.discoveryMs,
	});
	const sent = new URL(trial.request);
	tell('authorization', {
		ok: true,
		request: `GET ${sent.origin}${sent.pathname}\n\n${pretty(Object.fromEntries(sent.searchParams))}`,
	});
	try {
		const code = checkReturn(trial, query, tell);
		const tokens = await orTell('token', tell, () => exchangeCode(trial, code, tell));
		const claims = await orTell('idToken', tell, () => checkIdToken(trial, textOf(tokens['id_token']), tell));
		const person = await orTell('userinfo', tell, () =>
			readUserinfo(trial, textOf(tokens['access_token']), tell),
		);
		if (person['sub'] !== claims.sub)
			tell('userinfo', { ok: false, response: pretty(person), error: 'sub is not that of the ID token' });
		return person['sub'] === claims.sub;
	} catch (error) {
		if (error instanceof Stopped) return false;
		throw error;
	}
}
