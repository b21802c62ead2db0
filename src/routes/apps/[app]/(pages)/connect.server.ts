/** A third party authenticated a person who is new here: they are asked whether to join or to link an account. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { joinExternal } from '$lib/server/flows/external/enter-external';
import { submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import { goOn, presentSession, type Begin, type Journey } from './journey.server';

export interface ConnectPage {
	client: { name: string } | undefined;
	/** The vendor's name. */
	connector: string;
	/** The person's name at the vendor; may be empty. */
	name: string;
	/** Whether they may join. */
	join: boolean;
	signIn: string;
}

export async function loadConnect(event: RequestEvent, journey: Journey): Promise<ConnectPage> {
	const note = readNote(event, 'connect');
	if (!note) redirect(303, journey.href('sign-in'));
	const { plugins } = await event.locals.app();
	return {
		client: journey.client,
		connector: plugins.manifestOf(note.connector).name[event.locals.locale],
		name: note.name,
		join: note.join,
		signIn: journey.href('sign-in'),
	};
}

export function connect(event: RequestEvent, begin: Begin) {
	return submitted(event, ['decision'], async ({ decision }) => {
		const journey = await begin();
		const note = readNote(event, 'connect');
		if (!note) throw new Refusal('interaction/expired');
		const { pending, connector, name } = note;
		if (decision === 'link') {
			leaveNote(event, { at: 'linking', pending, connector, name });
			redirect(303, journey.href('sign-in'));
		}
		if (decision !== 'join') throw new Refusal('input/invalid');
		dropNote(event, 'linking');
		const input = { pending, replaces: await presentSession(event) };
		const joined = await joinExternal(await event.locals.app(), input, event.locals.visitor);
		return goOn(event, journey, joined);
	});
}
