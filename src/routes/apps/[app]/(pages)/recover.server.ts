/** The recovery step: ask for a code, then choose a new password with it, or with the link from the same mail. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { classifyIdentifier } from '$lib/contract/identifiers';
import { completeRecovery, requestRecovery, type RecoveryProof } from '$lib/server/flows/recover/recover';
import { isProvable } from '$lib/server/flows/sign-in/list-methods';
import { submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import type { Begin, Journey } from './journey.server';

export interface RecoverPage {
	/** ask: for which account. code: with a code from a mail. link: the mail's link was opened. */
	stage: 'ask' | 'code' | 'link';
	/** The identifier that a code was asked for; empty where a code from another browser will be typed. */
	identifier: string;
	/** Whether codes can be sent to phones too. */
	phones: boolean;
	/** Whether the code came by mail, as nothing else is possible. */
	mailed: boolean;
	minLength: number;
	signIn: string;
	/** This page from the beginning. */
	again: string;
}

/** Showing the page changes nothing: the link's token is used when the form is sent. */
export async function loadRecover(event: RequestEvent, journey: Journey): Promise<RecoverPage> {
	const { url, locals } = event;
	const app = await locals.app();
	const { passwordMinLength } = await app.settings();
	const stage = url.searchParams.has('token') ? 'link' : url.searchParams.has('code') ? 'code' : 'ask';
	const asked = stage === 'ask' ? journey.loginHint?.slice(0, 254) : readNote(event, 'recover')?.identifier;
	const phones = await isProvable(app, 'phone');
	return {
		stage,
		identifier: asked ?? '',
		phones,
		mailed: !phones || (Boolean(asked) && classifyIdentifier(asked ?? '').kind !== 'phone'),
		minLength: passwordMinLength,
		signIn: journey.href('sign-in'),
		again: journey.href('recover'),
	};
}

/** The same step with the field for the code. */
const withCode = (href: string): string => `${href}${href.includes('?') ? '&' : '?'}code`;

function proofOf(event: RequestEvent, typed: { identifier: string; code: string }): RecoveryProof {
	const token = event.url.searchParams.get('token');
	if (token !== null) return { token: token.slice(0, 128) };
	const note = readNote(event, 'recover');
	return {
		identifier: typed.identifier || (note?.identifier ?? ''),
		code: typed.code,
		verification: note?.verification,
	};
}

/** One form for both stages: with a code or a new password it is the second. */
export function recover(event: RequestEvent, begin: Begin) {
	return submitted(event, ['identifier', 'code', 'newPassword', 'step'], async (typed) => {
		const journey = await begin();
		const app = await event.locals.app();
		if (typed.step === 'code') redirect(303, withCode(journey.href('recover')));
		const completes = Boolean(typed.code || typed.newPassword) || event.url.searchParams.has('token');
		if (!completes) {
			const { verification } = await requestRecovery(
				app,
				{ identifier: typed.identifier },
				event.locals.visitor,
			);
			leaveNote(event, { at: 'recover', identifier: typed.identifier.trim(), verification });
			redirect(303, withCode(journey.href('recover')));
		}
		const proof = proofOf(event, typed);
		await completeRecovery(app, { proof, newPassword: typed.newPassword }, event.locals.visitor);
		dropNote(event);
		leaveNote(event, { at: 'sign-in', identifier: 'identifier' in proof ? proof.identifier : '' });
		redirect(303, journey.href('sign-in'));
	});
}
